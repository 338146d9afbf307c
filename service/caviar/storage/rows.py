"""What the tables hold, as mutable records: one class a table, fields in its columns' order (a test sees to it)."""

from dataclasses import dataclass
from typing import Any

from caviar.domain.states import AttemptState, StudyState, TrialState


@dataclass(slots=True)
class StudyRow:
    """`spec` is the study's document; the eight counters count its trials by state; `wanted` asks the planner.

    `parent_id` and `origin` say what it was made of (a fork), `space_version` how often its space was edited, from 1.
    `compute_seconds` is the sum over its ended trials; `marks` how it came on (see engine/marks.py); `keywords` the
    words it is found by.
    """

    id: str
    name: str
    state: StudyState
    reason_code: str | None
    reason_message: str | None
    intent: str | None
    spec: dict[str, Any]
    seed: int
    revision: int
    next_number: int
    exhausted: bool
    wanted: int
    waiting: int
    running: int
    paused: int
    completed: int
    stopped: int
    failed: int
    infeasible: int
    cancelled: int
    best_number: int | None
    best_value: float | None
    trial_seconds: float | None
    deadline_at: float | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    deleted_at: float | None
    parent_id: str | None = None
    origin: dict[str, Any] | None = None
    space_version: int = 1
    sizing: dict[str, Any] | None = None
    fingerprint: dict[str, Any] | None = None
    retune_at: float | None = None
    compute_seconds: float = 0.0
    marks: list[list[Any]] | None = None
    notes: str = ""
    keywords: str = ""


@dataclass(slots=True)
class TrialRow:
    """`unit` is the point in the unit cube, float64 bytes, none where the space as it is now lacks it; `seconds` the
    training time of the counted attempt; `space_version` that of the space it was suggested from.
    `touched`: nudged, so no clean sample of any configuration. `parent` is the number of the trial it is a copy of,
    `start_from` the checkpoint it begins with while it has none of its own; those of attempts up to `copied_after`
    count no more."""

    id: str
    study_id: str
    number: int
    state: TrialState
    reason_code: str | None
    reason_message: str | None
    params: dict[str, Any]
    unit: bytes
    round: int
    origin: str
    value: float | None
    step: float | None
    final: dict[str, Any] | None
    attempts: int
    failures: int
    losses: int
    client: str | None
    node: str | None
    seconds: float | None
    revision: int
    created_at: float
    started_at: float | None
    finished_at: float | None
    space_version: int = 1
    touched: bool = False
    parent: int | None = None
    start_from: str | None = None
    copied_after: int = 0


@dataclass(slots=True)
class AttemptRow:
    """One execution of a trial. `leased_in` is the sync whose answer carried it; `stop_code` asks that it end;
    `memory_mb` is its peak, where it was limited.
    `from_step` is that of the checkpoint it goes on from (None: it begins at the beginning). `nudge` is the newest that
    is on its way to it, `told` what its agent was told last, and when."""

    id: str
    trial_id: str
    study_id: str
    number: int
    state: AttemptState
    agent_id: str | None
    incarnation: str | None
    leased_in: int | None
    last_seq: int
    stop_code: str | None
    stop_message: str | None
    reason_code: str | None
    reason_message: str | None
    node: str | None
    leased_at: float
    expires_at: float | None
    started_at: float | None
    ended_at: float | None
    memory_mb: float | None = None
    from_step: float | None = None
    nudge: str | None = None
    told: str | None = None

    @property
    def is_live(self) -> bool:
        return self.state is AttemptState.LEASED or self.state is AttemptState.RUNNING


@dataclass(slots=True)
class ReportRow:
    trial_id: str
    attempt: int
    seq: int
    step: float
    at: float
    value: float | None
    metrics: dict[str, Any]


@dataclass(slots=True)
class LogRow:
    trial_id: str
    attempt: int
    seq: int
    at: float
    size: int
    skipped: int
    text: str


@dataclass(slots=True)
class LateEventRow:
    attempt_id: str
    seq: int
    received_at: float
    event: dict[str, Any]


@dataclass(slots=True)
class NudgeRow:
    """`number` is the trial's, `old` and `new` what was changed. `made_after`: the step last reported when it was said;
    `step`: all up to it were made with the old values; `twin`: the number of the copy that was left as it was; `copied`
    (number, checkpoint, step): the other trial that it went on from."""

    id: str
    study_id: str
    trial_id: str
    number: int
    author: str
    origin: str
    note: str
    old: dict[str, Any]
    new: dict[str, Any]
    state: str
    made_after: float | None
    step: float | None
    attempt: int | None
    twin: int | None
    created_at: float
    settled_at: float | None
    copied: dict[str, Any] | None = None


@dataclass(slots=True)
class CheckpointRow:
    """`number` is the trial's; `size` in bytes; `state` is kept, removing or removed, and then `reason` says why."""

    id: str
    study_id: str
    trial_id: str
    number: int
    attempt: int
    seq: int
    step: float
    uri: str
    size: int
    digest: str
    state: str
    reason: str | None
    agent_id: str | None
    created_at: float
    removed_at: float | None


@dataclass(slots=True)
class RoundRow:
    study_id: str
    index: int
    created_at: float
    document: dict[str, Any]


@dataclass(slots=True)
class ArrivalRow:
    """`value` (minimised; None: not finite) is what trial `number` had when it was the `arrival`-th to reach `rung`."""

    study_id: str
    rung: int
    number: int
    arrival: int
    value: float | None


@dataclass(slots=True)
class InheritedRow:
    """A result of another study that counts as history here. `number` is below 0; `unit` None: the space lacks the
    configuration, because of `parameter`, for `why`."""

    study_id: str
    number: int
    source_id: str
    source_number: int
    params: dict[str, Any]
    state: str
    value: float | None
    step: float | None
    unit: bytes | None
    parameter: str | None
    why: str | None


@dataclass(slots=True)
class RetuneRow:
    """A look at whether a study's result still holds. `state`: canary (under way), good, stale or failed."""

    id: str
    study_id: str
    state: str
    trigger: str
    note: str | None
    canary_id: str
    successor_id: str | None
    plan: dict[str, Any]
    verdict: dict[str, Any] | None
    created_at: float
    decided_at: float | None


@dataclass(slots=True)
class AgentRow:
    id: str
    incarnation: str
    last_sync: int
    nodes: list[dict[str, Any]]
    pending_slots: int
    left: bool
    first_seen_at: float
    seen_at: float


@dataclass(slots=True)
class TokenRow:
    id: str
    name: str
    role: str
    sha256: str
    created_at: float
    revoked_at: float | None
    expires_at: float | None = None
    last_used_at: float | None = None


@dataclass(slots=True)
class SessionRow:
    """With a `code_sha256` it waits to be opened; then it has a `sha256`. `expires_at` is of what it is now."""

    id: str
    token_id: str
    role: str
    code_sha256: str | None
    sha256: str | None
    created_at: float
    expires_at: float


@dataclass(slots=True)
class IdempotencyRow:
    token_id: str
    key: str
    body_sha256: str
    status: int
    answer: dict[str, Any]
    created_at: float
