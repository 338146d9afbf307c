"""The read model: pictures, and what is said of a study beside its trials."""

from typing import Any, Literal

from caviar.api.models.common import Answer, Params
from caviar.api.models.trials import Trial


class Figure(Answer):
    """In Plotly's form. `layout.meta` is what the picture says of itself; `customdata` are the trials' numbers."""

    kind: str
    revision: int
    data: list[dict[str, Any]]
    layout: dict[str, Any]


class Share(Answer):
    """Of the importance, all parameters together 1; `low` to `high` holds four in five resamplings of the trials.
    `clear` false: chance may have done it."""

    share: float
    low: float
    high: float
    clear: bool


class ParameterImportance(Answer):
    """`whole`: over the whole space; `good`: among its best fifth; null: too few trials. `prior`: where experience
    would have put it, 1 (tune it first) to 4 (almost never); null: nothing is known of the name."""

    name: str
    whole: Share | None
    good: Share | None
    prior: int | None


class Importance(Answer):
    """Most important first. `message` is there where something can't be said."""

    method: str
    revision: int
    trials: int
    enough: bool
    message: str | None
    parameters: list[ParameterImportance]


class Range(Answer):
    """Holds four in five cases."""

    low: float
    middle: float
    high: float


class Chance(Answer):
    top: float
    chance: float


class Gain(Answer):
    """What the next `trials` would better the best value by; `chance`: that they do so at all."""

    trials: int
    chance: float
    expected: float
    range: Range
    compute_seconds: float | None


class Stopping(Answer):
    stopped: int
    saved_seconds: float
    saved_share: float


class Forecast(Answer):
    """Null: too few trials have ended to say, or it does not apply. `seconds`: till the budget is used up."""

    revision: int
    ended: int
    left: int
    seconds: Range | None
    spent_seconds: float
    compute_seconds: Range | None
    random_would_have_hit: list[Chance]
    gain: Gain | None
    stopping: Stopping | None


class Finding(Answer):
    """`code` is stable. `trials`: at most 20 numbers."""

    code: str
    severity: Literal["warning", "note"]
    message: str
    hint: str
    parameter: str | None
    trials: list[int]


class Health(Answer):
    """Warnings first; nothing is good news."""

    revision: int
    items: list[Finding]


class Placed(Answer):
    """`value` is the mean of `values`, over seeds; `low` to `high` its interval at 90%; equal `place`: a tie."""

    place: int
    number: int
    value: float
    values: list[float]
    low: float | None
    high: float | None
    params: Params


class Ground(Answer):
    """Where the first stands: `lost` is how much of the way from it to the median trial its neighbours lose."""

    kind: Literal["flat", "slope", "cliff", "unknown"]
    neighbours: int
    lost: float | None


class Leaderboard(Answer):
    """`repeated` false: nothing was run with another seed, so nothing is known of the noise."""

    revision: int
    repeated: bool
    items: list[Placed]
    ground: Ground | None


class ComparedParameter(Answer):
    """A value a trial; `has` false: the trial does not have the parameter."""

    name: str
    differs: bool
    has: list[bool]
    values: list[bool | int | float | str | None]


class Comparison(Answer):
    """`values`: a row a trial, as long as `steps`; null where it did not report that step."""

    revision: int
    trials: list[Trial]
    parameters: list[ComparedParameter]
    metric: str
    steps: list[float]
    values: list[list[float | None]]
