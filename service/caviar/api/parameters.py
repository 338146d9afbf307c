"""Parameters that several endpoints take."""

import re
from typing import Annotated

from fastapi import Header, Path, Query
from pydantic import AfterValidator

from caviar.domain.errors import InvalidInput, Problem

StudyRef = Annotated[str, Path(max_length=200, description="A study's id or name")]
TrialId = Annotated[str, Path(max_length=200, description="A trial's id")]
IfNoneMatch = Annotated[str | None, Header(description="The ETag of what is known already: 304 when it still holds")]
PageToken = Annotated[str | None, Query(max_length=2_000, description="`next_page_token` of the page before")]
PageSize = Annotated[int, Query(ge=1, le=500)]
States = Annotated[str | None, Query(max_length=200, description="One state or several, with commas between them")]
Order = Annotated[str, Query(max_length=220, description="A field or params.<name>; - before it for descending")]
Filter = Annotated[str | None, Query(max_length=2_000, description="Such as: params.lr > 1e-3 and state = 'completed'")]

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}


def _duration(text: str) -> str:
    if _DURATION.fullmatch(text) is None:
        raise ValueError("is a duration such as 30s, 500ms or 1m")
    return text


Wait = Annotated[str, Query(max_length=20, description="Hold the answer back, such as 30s"), AfterValidator(_duration)]


def seconds_of(duration: str) -> float:
    """Of a text that `Wait` let pass."""
    found = _DURATION.fullmatch(duration)
    assert found is not None
    return float(found[1]) * _UNITS[found[2]]


def listed(text: str | None) -> tuple[str, ...]:
    """`a,b` as its parts."""
    return tuple(part for part in map(str.strip, (text or "").split(",")) if part)


def numbers_of(text: str | None, most: int) -> tuple[int, ...]:
    """Raises InvalidInput for what is no list of trials' numbers, or of more than `most`."""
    parts = tuple(dict.fromkeys(listed(text)))
    if len(parts) > most or not all(part.isascii() and part.isdecimal() and len(part) <= 9 for part in parts):
        raise InvalidInput([Problem("/trials", f"is a list of at most {most} trial numbers, such as 3,17")])
    return tuple(int(part) for part in parts)
