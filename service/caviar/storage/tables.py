"""The schema. Times are seconds since the epoch (double), ids UUIDv7, invariants partial unique indexes."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
    text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

Id = String(36).with_variant(Uuid(as_uuid=False), "postgresql")
"""Text on SQLite: parsing ids back and forth was a third of a sync."""
Json = JSON(none_as_null=True)
"""Not JSONB, which sorts keys: the order of a space's parameters means something."""

UNFINISHED_STUDY = "state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"
OPEN_RETUNE = "state = 'canary'"
LIVE_ATTEMPT = "state IN ('leased', 'running')"

studies = Table(
    "studies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason_code", String(64)),
    Column("reason_message", Text),
    Column("intent", String(16)),
    Column("spec", Json, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("next_number", Integer, nullable=False),
    Column("exhausted", Boolean, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("paused", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("stopped", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("infeasible", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("best_number", Integer),
    Column("best_value", Double),
    Column("trial_seconds", Double),
    Column("deadline_at", Double),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("deleted_at", Double),
    Column("parent_id", Id),
    Column("origin", Json),
    Column("space_version", Integer, nullable=False, server_default="1"),
    Column("sizing", Json),
    Column("fingerprint", Json),
    Column("retune_at", Double),
    Column("compute_seconds", Double, nullable=False, server_default="0"),
    Column("marks", Json),
    Column("notes", Text, nullable=False, server_default=""),
    Column("keywords", Text, nullable=False, server_default=""),
)
Index("ix_studies_parent_id", studies.c.parent_id)
Index(
    "uq_studies_unfinished_name",
    studies.c.name,
    unique=True,
    sqlite_where=text(UNFINISHED_STUDY),
    postgresql_where=text(UNFINISHED_STUDY),
)
Index(
    "ix_studies_unfinished",
    studies.c.id,
    sqlite_where=text(UNFINISHED_STUDY),
    postgresql_where=text(UNFINISHED_STUDY),
)
Index(
    "ix_studies_deleted",
    studies.c.id,
    sqlite_where=text("deleted_at IS NOT NULL"),
    postgresql_where=text("deleted_at IS NOT NULL"),
)
Index("ix_studies_name", studies.c.name, studies.c.created_at)

trials = Table(
    "trials",
    metadata,
    Column("id", Id, primary_key=True),
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason_code", String(64)),
    Column("reason_message", Text),
    Column("params", Json, nullable=False),
    Column("unit", LargeBinary, nullable=False),
    Column("round", Integer, nullable=False),
    Column("origin", String(32), nullable=False),
    Column("value", Double),
    Column("step", Double),
    Column("final", Json),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    Column("client", String(200)),
    Column("node", String(200)),
    Column("seconds", Double),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("space_version", Integer, nullable=False, server_default="1"),
    Column("touched", Boolean, nullable=False, server_default=false()),
    Column("parent", Integer),
    Column("start_from", Id),
    Column("copied_after", Integer, nullable=False, server_default="0"),
)
Index("uq_trials_study_id_number", trials.c.study_id, trials.c.number, unique=True)
Index("ix_trials_revision", trials.c.study_id, trials.c.revision)
Index("ix_trials_value", trials.c.study_id, trials.c.value, trials.c.number)
Index(
    "ix_trials_waiting",
    trials.c.study_id,
    trials.c.number,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("trial_id", Id, ForeignKey("trials.id", ondelete="CASCADE"), nullable=False),
    Column("study_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("agent_id", Id),
    Column("incarnation", String(64)),
    Column("leased_in", BigInteger),
    Column("last_seq", BigInteger, nullable=False),
    Column("stop_code", String(64)),
    Column("stop_message", Text),
    Column("reason_code", String(64)),
    Column("reason_message", Text),
    Column("node", String(200)),
    Column("leased_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("memory_mb", Double),
    Column("from_step", Double),
    Column("nudge", Id),
    Column("told", String(200)),
)
Index(
    "uq_attempts_live_trial",
    attempts.c.trial_id,
    unique=True,
    sqlite_where=text(LIVE_ATTEMPT),
    postgresql_where=text(LIVE_ATTEMPT),
)
Index("ix_attempts_trial_id", attempts.c.trial_id, attempts.c.number)
Index(
    "ix_attempts_live_agent",
    attempts.c.agent_id,
    sqlite_where=text(LIVE_ATTEMPT),
    postgresql_where=text(LIVE_ATTEMPT),
)
Index(
    "ix_attempts_live_study",
    attempts.c.study_id,
    sqlite_where=text(LIVE_ATTEMPT),
    postgresql_where=text(LIVE_ATTEMPT),
)

reports = Table(
    "reports",
    metadata,
    Column("trial_id", Id, ForeignKey("trials.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("step", Double, nullable=False),
    Column("at", Double, nullable=False),
    Column("value", Double),
    Column("metrics", Json, nullable=False),
    sqlite_with_rowid=False,
)

logs = Table(
    "logs",
    metadata,
    Column("trial_id", Id, ForeignKey("trials.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Double, nullable=False),
    Column("size", Integer, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

late_events = Table(
    "late_events",
    metadata,
    Column("attempt_id", Id, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("received_at", Double, nullable=False),
    Column("event", Json, nullable=False),
)

nudges = Table(
    "nudges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("trial_id", Id, ForeignKey("trials.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String(200), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("old", Json, nullable=False),
    Column("new", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("made_after", Double),
    Column("step", Double),
    Column("attempt", Integer),
    Column("twin", Integer),
    Column("created_at", Double, nullable=False),
    Column("settled_at", Double),
    Column("copied", Json),
)
Index("ix_nudges_trial_id", nudges.c.trial_id, nudges.c.created_at)
Index("ix_nudges_study_id", nudges.c.study_id, nudges.c.created_at)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", Id, primary_key=True),
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("trial_id", Id, ForeignKey("trials.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("step", Double, nullable=False),
    Column("uri", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("agent_id", Id),
    Column("created_at", Double, nullable=False),
    Column("removed_at", Double),
)
Index("ix_checkpoints_study_id", checkpoints.c.study_id, checkpoints.c.created_at)
Index("uq_checkpoints_trial_id_seq", checkpoints.c.trial_id, checkpoints.c.attempt, checkpoints.c.seq, unique=True)
Index(
    "ix_checkpoints_removing",
    checkpoints.c.agent_id,
    sqlite_where=text("state = 'removing'"),
    postgresql_where=text("state = 'removing'"),
)

rounds = Table(
    "rounds",
    metadata,
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("created_at", Double, nullable=False),
    Column("document", Json, nullable=False),
)

rung_arrivals = Table(
    "rung_arrivals",
    metadata,
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("rung", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("arrival", Integer, nullable=False),
    Column("value", Double),
)

inherited = Table(
    "inherited",
    metadata,
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source_id", Id, nullable=False),
    Column("source_number", Integer, nullable=False),
    Column("params", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("value", Double),
    Column("step", Double),
    Column("unit", LargeBinary),
    Column("parameter", String(200)),
    Column("why", Text),
)

retunes = Table(
    "retunes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("study_id", Id, ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("trigger", String(16), nullable=False),
    Column("note", Text),
    Column("canary_id", Id, nullable=False),
    Column("successor_id", Id),
    Column("plan", Json, nullable=False),
    Column("verdict", Json),
    Column("created_at", Double, nullable=False),
    Column("decided_at", Double),
)
Index(
    "uq_retunes_open_study",
    retunes.c.study_id,
    unique=True,
    sqlite_where=text(OPEN_RETUNE),
    postgresql_where=text(OPEN_RETUNE),
)
Index("ix_retunes_study_id", retunes.c.study_id, retunes.c.created_at)
Index(
    "ix_studies_retune_at",
    studies.c.retune_at,
    sqlite_where=text("retune_at IS NOT NULL"),
    postgresql_where=text("retune_at IS NOT NULL"),
)

agents = Table(
    "agents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incarnation", String(64), nullable=False),
    Column("last_sync", BigInteger, nullable=False),
    Column("nodes", Json, nullable=False),
    Column("pending_slots", Integer, nullable=False),
    Column("left", Boolean, nullable=False),
    Column("first_seen_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)

bundles = Table(
    "bundles",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("created_at", Double, nullable=False),
    Column("revoked_at", Double),
    Column("expires_at", Double),
    Column("last_used_at", Double),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_id", Id, ForeignKey("tokens.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("code_sha256", String(64), unique=True),
    Column("sha256", String(64), unique=True),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("token_id", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Json, nullable=False),
    Column("created_at", Double, nullable=False),
)
