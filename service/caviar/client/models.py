"""What the service answers, as far as a client looks at it. Fields that a newer service adds are ignored."""

import math
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_NAMED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _number(value: Any) -> Any:
    return _NAMED.get(value, value) if isinstance(value, str) else value


Number = Annotated[float, BeforeValidator(_number)]
"""A float; JSON has it as a number or as "NaN", "Infinity", "-Infinity"."""

Params = dict[str, Any]


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Reason(Answer):
    code: str
    message: str = ""


class Counts(Answer):
    """Trials of a study by state."""

    waiting: int = 0
    running: int = 0
    paused: int = 0
    completed: int = 0
    stopped: int = 0
    failed: int = 0
    infeasible: int = 0
    cancelled: int = 0

    @property
    def finished(self) -> int:
        """Those that will not run again."""
        return self.completed + self.stopped + self.failed + self.infeasible + self.cancelled


class Best(Answer):
    number: int
    value: Number
    params: Params = Field(default_factory=dict)


class Source(Answer):
    id: str
    name: str


class Origin(Answer):
    """What a study was made of, and how many results of others it counts as its history."""

    kind: str
    study: Source
    counted: int = 0
    left_out: int = 0
    causes: list[dict[str, Any]] = Field(default_factory=list)


class Inherited(Answer):
    """`why` a result of another study does not count here; None: it does."""

    number: int
    study_id: str
    trial: int
    params: Params
    state: str
    value: Number | None = None
    step: Number | None = None
    counts: bool = True
    parameter: str | None = None
    why: str | None = None


class Retune(Answer):
    """`state`: canary (under way), good, stale or failed."""

    id: str
    study_id: str
    state: str
    trigger: str = "asked"
    note: str | None = None
    canary_id: str
    successor_id: str | None = None
    data: dict[str, Any] | None = None
    verdict: dict[str, Any] | None = None
    created_at: datetime | None = None
    decided_at: datetime | None = None

    @property
    def is_decided(self) -> bool:
        return self.state != "canary"


class Member(Answer):
    """A study of a lineage."""

    id: str
    name: str
    kind: str
    parent_id: str | None = None
    state: str
    best: Number | None = None
    data: dict[str, Any] | None = None
    fingerprint: dict[str, Any] | None = None
    asked: bool = False
    created_at: datetime | None = None


class Lineage(Answer):
    """Parents come before what was made of them; re-tunes in the order of their time."""

    studies: list[Member] = Field(default_factory=list)
    retunes: list[Retune] = Field(default_factory=list)


class Times(Answer):
    """Holds four in five cases."""

    low: datetime
    middle: datetime
    high: datetime


class Progress(Answer):
    """`eta`: when the budget will be used up; None: `eta_reason` says why that is not known."""

    ended: int = 0
    budget: int = 0
    share: float = 0.0
    eta: Times | None = None
    eta_reason: str | None = None
    compute_seconds: float = 0.0
    best_so_far: list[float] = Field(default_factory=list)


class StudyInfo(Answer):
    id: str
    name: str
    state: str
    reason: Reason | None = None
    spec: dict[str, Any] = Field(default_factory=dict)
    revision: int = 0
    counts: Counts = Counts()
    best: Best | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    origin: Origin | None = None
    space_version: int = 1
    labels: dict[str, str] = Field(default_factory=dict)
    notes: str = ""
    progress: Progress = Progress()

    @property
    def is_finished(self) -> bool:
        return self.state in {"completed", "failed", "cancelled"}

    @property
    def metric(self) -> str:
        return str(self.spec.get("metric", {}).get("name", "value"))

    @property
    def minimizes(self) -> bool:
        return bool(self.spec.get("metric", {}).get("goal", "minimize") == "minimize")

    @property
    def budgeted(self) -> int | None:
        """How many trials the budget allows."""
        trials = self.spec.get("budget", {}).get("trials")
        return int(trials) if trials is not None else None


class TrialInfo(Answer):
    id: str
    study_id: str = ""
    number: int
    state: str
    reason: Reason | None = None
    params: Params = Field(default_factory=dict)
    round: int | None = None
    value: Number | None = None
    step: float | None = None
    origin: str | None = None
    touched: bool = False
    parent: int | None = None
    attempts: int = 0
    node: str | None = None
    seconds: float | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Ranked(Answer):
    """A row of the ranking: the best comes first."""

    number: int
    value: Number
    params: Params = Field(default_factory=dict)
    round: int | None = None
    steps: float | None = None
    touched: bool = False
    seconds: float | None = None


class Standing(Answer):
    """A configuration by the mean of its repeats, with 95% bounds; `ties`: it can't be told from the best."""

    number: int
    repeats: int
    mean: float
    low: float
    high: float
    ties: bool


class Recommended(Answer):
    """What to take in the end: `by` repeats, by the model, or by the value alone."""

    number: int
    value: Number | None = None
    by: str = "value"
    params: Params = Field(default_factory=dict)
    standings: list[Standing] = Field(default_factory=list)
    said: str = ""


class StoppingInfo(Answer):
    """What stopping early did. The chance that a stopped trial was a winner lies in `wrong_low` to `wrong_high`."""

    rule: str = "none"
    audit: float = 0.0
    stopped: int = 0
    completed: int = 0
    audited: int = 0
    ended: int = 0
    winners: list[int] = Field(default_factory=list)
    top_tenth: list[int] = Field(default_factory=list)
    wrong_low: float = 0.0
    wrong_high: float = 1.0
    said: str = ""


class RoundBound(Answer):
    """Where one parameter is searched in a round, and why there."""

    parameter: str
    low: Any = None
    high: Any = None
    unit_low: float = 0.0
    unit_high: float = 1.0
    weights: dict[str, float] | None = None
    moved_by: tuple[int, ...] = ()
    rule: str = ""
    reason: str = ""


class RoundInfo(Answer):
    """A region that was searched from trial `first_number` on; `finished` trials stood when it was drawn."""

    index: int
    box: int = 0
    first_number: int = 0
    finished: int = 0
    rule: str = "start"
    reason: str = ""
    best: int | None = None
    bounds: tuple[RoundBound, ...] = ()


class AgentInfo(Answer):
    """An agent, and the cluster it works on; `total` and `free` are of all its nodes together."""

    id: str
    alive: bool = False
    last_seen_at: datetime | None = None
    nodes: list[dict[str, Any]] = Field(default_factory=list)
    total: dict[str, Any] = Field(default_factory=dict)
    free: dict[str, Any] = Field(default_factory=dict)
    running: int = 0


class TokenInfo(Answer):
    """An access token; its `secret` is there in the one answer that makes or renews it."""

    id: str
    name: str
    role: str
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    secret: str | None = Field(default=None, repr=False)


class LogPiece(Answer):
    """Output of a trial up to `cursor`, behind which the next piece begins."""

    text: str
    cursor: str | None = None


class Change(Answer):
    """One entry of a study's event stream: what changed, not the data. `id` resumes the stream after it."""

    id: str
    kind: str
    data: Any = None


class CheckpointInfo(Answer):
    """`size` in bytes; `state` is kept, removing or removed, and then `reason` says why."""

    id: str
    number: int
    attempt: int
    step: float
    uri: str
    size: int
    digest: str
    state: str
    reason: str | None = None
    created_at: datetime | None = None
    removed_at: datetime | None = None


class Copied(Answer):
    """The other trial, and its checkpoint of `step`, that a trial went on from."""

    number: int
    checkpoint: str
    step: float


class NudgeInfo(Answer):
    """A change of parameters between two steps. `state` is waiting, applied or lost; all up to `step` was trained with
    the old values. `twin` is the number of the copy that was left as it was."""

    id: str
    trial: str
    number: int
    author: str
    origin: str
    note: str = ""
    old: Params = Field(default_factory=dict)
    new: Params = Field(default_factory=dict)
    state: str
    step: float | None = None
    attempt: int | None = None
    twin: int | None = None
    copied: Copied | None = None
    warning: str | None = None
    created_at: datetime | None = None
    settled_at: datetime | None = None


class Segment(Answer):
    """`params` were in force from the step after `after` up to `upto` (None: until now)."""

    after: float
    upto: float | None = None
    params: Params = Field(default_factory=dict)
