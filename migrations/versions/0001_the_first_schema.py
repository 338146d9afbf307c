"""The first schema

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.String(length=36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", Id, nullable=False),
        sa.Column("incarnation", sa.String(length=64), nullable=False),
        sa.Column("last_sync", sa.BigInteger(), nullable=False),
        sa.Column("nodes", Json, nullable=False),
        sa.Column("pending_slots", sa.Integer(), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
    )
    op.create_table(
        "bundles",
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bundles")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("token_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", Json, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "studies",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=True),
        sa.Column("reason_message", sa.Text(), nullable=True),
        sa.Column("intent", sa.String(length=16), nullable=True),
        sa.Column("spec", Json, nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("exhausted", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("infeasible", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("best_number", sa.Integer(), nullable=True),
        sa.Column("best_value", sa.Double(), nullable=True),
        sa.Column("trial_seconds", sa.Double(), nullable=True),
        sa.Column("deadline_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
    )
    with op.batch_alter_table("studies", schema=None) as batch_op:
        batch_op.create_index(
            "ix_studies_deleted",
            ["id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
        )
        batch_op.create_index("ix_studies_name", ["name", "created_at"], unique=False)
        batch_op.create_index(
            "ix_studies_unfinished",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
            postgresql_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_studies_unfinished_name",
            ["name"],
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
            postgresql_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
        )

    op.create_table(
        "tokens",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_table(
        "rounds",
        sa.Column("study_id", Id, nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_rounds_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "index", name=op.f("pk_rounds")),
    )
    op.create_table(
        "rung_arrivals",
        sa.Column("study_id", Id, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrival", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_rung_arrivals_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "rung", "number", name=op.f("pk_rung_arrivals")),
    )
    op.create_table(
        "trials",
        sa.Column("id", Id, nullable=False),
        sa.Column("study_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=True),
        sa.Column("reason_message", sa.Text(), nullable=True),
        sa.Column("params", Json, nullable=False),
        sa.Column("unit", sa.LargeBinary(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("step", sa.Double(), nullable=True),
        sa.Column("final", Json, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=True),
        sa.Column("node", sa.String(length=200), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_trials_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.create_index("ix_trials_revision", ["study_id", "revision"], unique=False)
        batch_op.create_index("ix_trials_value", ["study_id", "value", "number"], unique=False)
        batch_op.create_index(
            "ix_trials_waiting",
            ["study_id", "number"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index("uq_trials_study_id_number", ["study_id", "number"], unique=True)

    op.create_table(
        "attempts",
        sa.Column("id", Id, nullable=False),
        sa.Column("trial_id", Id, nullable=False),
        sa.Column("study_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("agent_id", Id, nullable=True),
        sa.Column("incarnation", sa.String(length=64), nullable=True),
        sa.Column("leased_in", sa.BigInteger(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("stop_code", sa.String(length=64), nullable=True),
        sa.Column("stop_message", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.String(length=64), nullable=True),
        sa.Column("reason_message", sa.Text(), nullable=True),
        sa.Column("node", sa.String(length=200), nullable=True),
        sa.Column("leased_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_attempts_trial_id_trials"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attempts_live_agent",
            ["agent_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('leased', 'running')"),
            postgresql_where=sa.text("state IN ('leased', 'running')"),
        )
        batch_op.create_index(
            "ix_attempts_live_study",
            ["study_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('leased', 'running')"),
            postgresql_where=sa.text("state IN ('leased', 'running')"),
        )
        batch_op.create_index("ix_attempts_trial_id", ["trial_id", "number"], unique=False)
        batch_op.create_index(
            "uq_attempts_live_trial",
            ["trial_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('leased', 'running')"),
            postgresql_where=sa.text("state IN ('leased', 'running')"),
        )

    op.create_table(
        "logs",
        sa.Column("trial_id", Id, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_logs_trial_id_trials"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id", "attempt", "seq", name=op.f("pk_logs")),
    )
    op.create_table(
        "reports",
        sa.Column("trial_id", Id, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("metrics", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_reports_trial_id_trials"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trial_id", "attempt", "seq", name=op.f("pk_reports")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "late_events",
        sa.Column("attempt_id", Id, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("event", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_late_events_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", "seq", name=op.f("pk_late_events")),
    )


def downgrade() -> None:
    op.drop_table("late_events")
    op.drop_table("reports")
    op.drop_table("logs")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attempts_live_trial",
            sqlite_where=sa.text("state IN ('leased', 'running')"),
            postgresql_where=sa.text("state IN ('leased', 'running')"),
        )
        batch_op.drop_index("ix_attempts_trial_id")
        batch_op.drop_index(
            "ix_attempts_live_study",
            sqlite_where=sa.text("state IN ('leased', 'running')"),
            postgresql_where=sa.text("state IN ('leased', 'running')"),
        )
        batch_op.drop_index(
            "ix_attempts_live_agent",
            sqlite_where=sa.text("state IN ('leased', 'running')"),
            postgresql_where=sa.text("state IN ('leased', 'running')"),
        )

    op.drop_table("attempts")
    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.drop_index("uq_trials_study_id_number")
        batch_op.drop_index(
            "ix_trials_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_trials_value")
        batch_op.drop_index("ix_trials_revision")

    op.drop_table("trials")
    op.drop_table("rung_arrivals")
    op.drop_table("rounds")
    op.drop_table("tokens")
    with op.batch_alter_table("studies", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_studies_unfinished_name",
            sqlite_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
            postgresql_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_studies_unfinished",
            sqlite_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
            postgresql_where=sa.text("state IN ('queued', 'running', 'paused') AND deleted_at IS NULL"),
        )
        batch_op.drop_index("ix_studies_name")
        batch_op.drop_index(
            "ix_studies_deleted",
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
        )

    op.drop_table("studies")
    op.drop_table("idempotency_keys")
    op.drop_table("bundles")
    op.drop_table("agents")
