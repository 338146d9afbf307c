"""Shapes that several nouns share."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from caviar.domain.errors import InvalidStudy
from caviar.domain.json_shape import shape_problems

MOST_SAID = 5
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Number = Annotated[float, Field(allow_inf_nan=False)] | Literal["NaN", "Infinity", "-Infinity"]
"""A metric's value as JSON carries it."""
Params = dict[str, Any]
Moment = AwareDatetime


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """A request's body: what is not known is refused, `"1"` and `true` are no numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _holds_plain_values(cls, given: Any) -> Any:
        """Numbers that every program can hold, texts without characters that a database or a terminal chokes on."""
        try:
            problems = shape_problems(given)
        except InvalidStudy as error:
            problems = list(error.errors)
        if problems:
            raise ValueError("; ".join(str(problem) for problem in problems[:MOST_SAID]))
        if any(map(_CONTROL.search, _texts(given))):
            raise ValueError("holds a control character other than tab and the ends of lines")
        return given


def _texts(value: Any) -> Iterator[str]:
    """Of something that is JSON and not nested deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


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
