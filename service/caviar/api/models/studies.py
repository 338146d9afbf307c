"""Studies, their ranking and their rounds."""

from typing import Annotated, Any

from pydantic import Field

from caviar.api.models.common import Answer, Asked, Moment, Number, Params, Reason
from caviar.domain.fields import MAX_SECONDS, MAX_TRIALS
from caviar.domain.states import StudyState


class Counts(Answer):
    """Trials by state."""

    waiting: int
    running: int
    paused: int
    completed: int
    stopped: int
    failed: int
    infeasible: int
    cancelled: int


class Best(Answer):
    number: int
    value: float
    params: Params


class Cause(Answer):
    """Why results were left out: a parameter (null: a constraint), how many of them, and one of the reasons."""

    parameter: str | None
    results: int
    example: str | None


class Source(Answer):
    """The study that another was made of, as it was called then."""

    id: str
    name: str


class Origin(Answer):
    """What a study was made of, and how many results of others count as its history."""

    kind: str
    study: Source
    studies: list[Source] | None = None
    region: dict[str, Any] | None = None
    retune: str | None = None
    counted: int
    left_out: int
    causes: list[Cause]


class Times(Answer):
    """Hold four in five cases."""

    low: Moment
    middle: Moment
    high: Moment


class Progress(Answer):
    """`eta`: when the budget will be used up; null: `eta_reason` says why that is not known. `best_so_far` is a
    sparkline of at most 34 values, evenly spaced in ended trials."""

    ended: int
    budget: int
    share: float
    eta: Times | None
    eta_reason: str | None
    compute_seconds: float
    best_so_far: list[float]


class Study(Answer):
    id: str
    name: str
    state: StudyState
    reason: Reason | None
    spec: dict[str, Any]
    revision: int
    counts: Counts
    best: Best | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    origin: Origin | None
    space_version: int
    fingerprint: dict[str, Any] | None
    retune_at: Moment | None
    memory_mb: float | None
    labels: dict[str, str]
    notes: str
    progress: Progress


class StudyPage(Answer):
    """`next_page_token` null: this is the last page."""

    items: list[Study]
    next_page_token: str | None


class Annotation(Asked):
    """`labels`: those to set; null takes one away; others stay. `notes` replace what was there."""

    labels: dict[str, str | None] | None = None
    notes: Annotated[str, Field(max_length=20_000)] | None = None


class Extension(Asked):
    """New totals in the budget; what is left out stays."""

    trials: Annotated[int, Field(ge=1, le=MAX_TRIALS)] | None = None
    parallel: Annotated[int, Field(ge=1, le=MAX_TRIALS)] | None = None
    seconds: Annotated[float, Field(gt=0, le=MAX_SECONDS)] | None = None
    max_failures: Annotated[int, Field(ge=0, le=MAX_TRIALS)] | None = None


Sections = dict[str, Any]


class SpaceChange(Asked):
    """Changes of a space. `space`: by name, null removes a parameter, an object with a type replaces or adds one, one
    without a type changes single fields. `freeze` makes parameters constants. `constraints` replace all of them."""

    space: dict[str, Sections | None] = Field(default_factory=dict)
    freeze: dict[str, bool | int | float | str | None] = Field(default_factory=dict)
    constraints: list[str] | None = None
    note: Annotated[str, Field(max_length=1_000)] | None = None


class Fork(Asked):
    """A change of the space, and sections of the document that are merged into the parent's."""

    name: str | None = None
    space: dict[str, Sections | None] = Field(default_factory=dict)
    freeze: dict[str, bool | int | float | str | None] = Field(default_factory=dict)
    constraints: list[str] | None = None
    search: Sections | None = None
    budget: Sections | None = None
    stopping: Sections | None = None
    resources: Sections | None = None
    retries: int | None = None
    labels: dict[str, str] | None = None
    train: Sections | None = None
    code: Sections | None = None


class Inherited(Answer):
    """A result of another study, numbered below 0 so that rounds can name it. `counts`: the space has it."""

    number: int
    study_id: str
    trial: int
    params: Params
    state: str
    value: float | None
    step: float | None
    counts: bool
    parameter: str | None
    why: str | None


class InheritedResults(Answer):
    items: list[Inherited]
    next_page_token: None = None


class Ranked(Answer):
    number: int
    value: float
    params: Params
    round: int
    steps: float | None
    touched: bool
    seconds: float | None


class Standing(Answer):
    """A configuration by the mean of its repeats, with 95% bounds; `number` is its first trial, which does not count.
    `ties`: it can't be told from the best."""

    number: int
    repeats: int
    mean: float
    low: float
    high: float
    ties: bool


class Recommended(Answer):
    """What to take: `by` repeats, by the model's smoothed value, or by the value where there is little to go by."""

    number: int
    value: Number | None
    by: str
    params: Params
    standings: list[Standing]
    said: str


class Ranking(Answer):
    """Best first. `recommended` need not be the first: that one may have been lucky."""

    items: list[Ranked]
    next_page_token: None = None
    recommended: Recommended | None


class Bound(Answer):
    parameter: str
    low: bool | int | float | str | None
    high: bool | int | float | str | None
    unit_low: float
    unit_high: float
    weights: dict[str, float] | None
    moved_by: list[int]
    rule: str
    reason: str


class Round(Answer):
    """A region that is searched from `first_number` on, and why."""

    index: int
    box: int
    first_number: int
    finished: int
    bounds: list[Bound]
    reason: str
    rule: str
    inside: int
    best: int | None
    model: dict[str, float] | None
    space_version: int = 1


class Rounds(Answer):
    items: list[Round]
    next_page_token: None = None


class Stopping(Answer):
    """`audited` trials were to be stopped and trained on by lot, `ended` of them to the end. `winners` of those beat
    every other trial, `top_tenth` came among the best tenth. The share of winners lies between `wrong_low` and
    `wrong_high` (95%)."""

    rule: str
    audit: float
    stopped: int
    completed: int
    audited: int
    ended: int
    winners: list[int]
    top_tenth: list[int]
    wrong_low: float
    wrong_high: float
    said: str


class Change(Answer):
    """The data of an event: `changed` is up to 200 of [number, state]."""

    revision: int
    state: StudyState
    counts: Counts
    changed: list[tuple[int, str]]
