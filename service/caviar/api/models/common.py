"""Shapes that several nouns share."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Number = Annotated[float, Field(allow_inf_nan=False)] | Literal["NaN", "Infinity", "-Infinity"]
"""A metric's value as JSON carries it."""
Params = dict[str, Any]
Moment = AwareDatetime


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """A request's body: what is not known is refused, `"1"` and `true` are no numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Reason(Answer):
    """`code` is stable, for programs; `message` is for people."""

    code: str
    message: str


class Mistake(Answer):
    """`pointer` is a JSON pointer into the body, or /name for a parameter of the path or the query."""

    pointer: str
    detail: str


class ProblemDocument(Answer):
    """RFC 9457. `code` is stable; `errors` has one entry per mistake."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str | None = None
    errors: list[Mistake] | None = None
