"""Rules that change parameters while a trial trains: a schedule, as values. What they decide is in search.schedules."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_RULES = 50
MAX_STEP = 2.0**53


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class When(Section):
    """`step`: once, when that step is done. `plateau`: when the metric has not improved for so many steps, and again
    after as many more."""

    step: Annotated[float, Field(ge=0, le=MAX_STEP)] | None = None
    plateau: Annotated[float, Field(gt=0, le=MAX_STEP)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.step is None) == (self.plateau is None):
            raise ValueError("takes exactly one of step and plateau")
        return self


class ScheduleRule(Section):
    """`multiply` numbers, `set` anything, within the bounds of the space. `times`: how often at most."""

    when: When
    multiply: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    set: dict[str, Any] = Field(default_factory=dict)
    times: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.multiply and not self.set:
            raise ValueError("takes multiply or set, with the parameters to change")
        if both := sorted(self.multiply.keys() & self.set.keys()):
            raise ValueError(f"multiplies and sets {both[0]}: one of both")
        return self

    @property
    def names(self) -> list[str]:
        return [*self.multiply, *self.set]

    def to_document(self) -> Mapping[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)
