"""The read model: pictures, and what is said of a study beside its trials."""

from typing import Any

from caviar.api.models.common import Answer


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
