"""Shapes that several nouns share."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from caviar.domain.errors import InvalidStudy, Problem
from caviar.domain.json_shape import shape_problems

Number = Annotated[float, Field(allow_inf_nan=False)] | Literal["NaN", "Infinity", "-Infinity"]
"""A metric's value as JSON carries it."""
Params = dict[str, Any]
Moment = AwareDatetime


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Misshapen(ValueError):  # noqa: N818
    """Pydantic knows of one place a time; what is wrong in several carries their pointers."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


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
            raise Misshapen(problems)
        return given


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
