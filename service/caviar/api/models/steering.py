"""Pauses, and changes of a trial that is under way."""

from typing import Annotated, Literal

from pydantic import Field

from caviar.api.models.common import Answer, Asked, Moment, Params
from caviar.api.models.trials import Trial


class Pause(Asked):
    """`restart`: also a trial without a checkpoint, which then begins again with its first step."""

    restart: bool = False


class PauseStudy(Asked):
    """`running`: the running trials pause as well, and go on with the study."""

    running: bool = False


class Paused(Trial):
    """`warning`: what resuming it will cost."""

    warning: str | None


class Nudge(Asked):
    """`params` are those to change. `twin`: an untouched copy goes on from the trial's newest checkpoint."""

    params: Annotated[Params, Field(min_length=1, max_length=1_000)]
    note: Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")] = ""
    twin: bool = False


class Copied(Answer):
    """The other trial, and its checkpoint of `step`, that a trial went on from."""

    number: int
    checkpoint: str
    step: float


class Nudged(Answer):
    """All up to `step` was trained with `old`. `twin` is the number of the copy that was left as it was; what is in
    `old` alone is no parameter any more."""

    id: str
    trial: str
    number: int
    author: str
    origin: Literal["hand", "rule", "pbt"]
    note: str
    old: Params
    new: Params
    state: Literal["waiting", "applied", "lost"]
    step: float | None
    attempt: int | None
    twin: int | None
    copied: Copied | None
    created_at: Moment
    settled_at: Moment | None


class Nudging(Nudged):
    warning: str | None


class Segment(Answer):
    """`params` were in force after step `after`, up to step `upto` (null: until now)."""

    after: float
    upto: float | None
    params: Params


class StudyNudges(Answer):
    items: list[Nudged]
    next_page_token: None = None


class TrialNudges(StudyNudges):
    segments: list[Segment]
