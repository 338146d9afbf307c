"""Trials, what they reported, and the programs that run them outside."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from caviar.api.models.common import Answer, Asked, Moment, Number, Params, Reason
from caviar.domain.states import AttemptState, TrialState

MAX_METRICS = 200
MetricName = Annotated[str, Field(min_length=1, max_length=200)]
Metrics = Annotated[dict[MetricName, Number], Field(max_length=MAX_METRICS)]


class Trial(Answer):
    id: str
    study_id: str
    number: int
    state: TrialState
    reason: Reason | None
    params: Params
    round: int
    value: float | None
    step: float | None
    origin: str
    touched: bool
    parent: int | None
    attempts: int
    node: str | None
    seconds: float | None
    final: dict[str, Number] | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    space_version: int


class TrialPage(Answer):
    items: list[Trial]
    next_page_token: str | None


class Attempt(Answer):
    id: str
    number: int
    state: AttemptState
    reason: Reason | None
    agent: str | None
    node: str | None
    leased_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    memory_mb: float | None
    from_step: float | None


class Attempts(Answer):
    items: list[Attempt]
    next_page_token: None = None


class Enqueue(Asked):
    """A configuration by hand: all active parameters of the space."""

    params: dict[str, Any]


class Ask(Asked):
    """`client` names the program that asks: it gets back first what it has not finished."""

    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    client: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")] = "default"


class Handed(Answer):
    """The trials to run; none while `parallel` of them run or the search thinks. `state` is the study's."""

    items: list[Trial]
    next_page_token: None = None
    state: str


class Report(Asked):
    step: Annotated[float, Field(ge=-(2.0**53), le=2.0**53)]
    metrics: Metrics


class Verdict(Answer):
    """`params` are those to go on with."""

    verdict: Literal["continue", "stop", "pause"]
    params: Params


class Failure(Asked):
    code: Annotated[str, Field(min_length=1, max_length=64)] = "exception"
    message: Annotated[str, Field(max_length=10_000)] = ""


class Complete(Asked):
    """Final metrics, or why there are none."""

    metrics: Metrics | None = None
    failed: Failure | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Complete":
        if self.metrics is not None and self.failed is not None:
            raise ValueError("takes metrics or failed, not both")
        return self
