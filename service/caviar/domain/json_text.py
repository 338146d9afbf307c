"""JSON read strictly: no key twice, no NaN, no number without end. What is wrong is pointed at."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NoReturn

from caviar.domain.errors import InvalidInput, Problem, pointer
from caviar.domain.values import shown

TOO_MANY_DIGITS: Final = "a number has too many digits"

_MOST_DIGITS: Final = 1_000
_MOST_SAID: Final = 20


def read_json(text: str) -> Any:
    """Raises InvalidInput: with the line of what is no JSON at all, with pointers to what is JSON and still refused;
    RecursionError for what is nested too deep."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_whole)
    except json.JSONDecodeError as error:
        found = [_no_json(error)]
    except ValueError:  # of the three hooks, which do not know where they are
        found = _flaws(text)
    raise InvalidInput(found)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError
    return result


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError
    return int(digits)


class _Pairs(list[tuple[str, Any]]):
    """An object with each of its keys, as often as it stands there."""


class _Refused(str):
    """Stands where a value was that is refused, and says why."""

    __slots__ = ()


def _flaws(text: str) -> list[Problem]:
    """A second look, which takes longer and knows where it is."""
    try:
        document = json.loads(
            text,
            object_pairs_hook=_Pairs,
            parse_constant=lambda name: _Refused(f"{name} is no JSON"),
            parse_int=lambda digits: _Refused(TOO_MANY_DIGITS) if len(digits) > _MOST_DIGITS else 0,
        )
    except json.JSONDecodeError as error:  # further on than what was found first
        return [_no_json(error)]
    return list(islice(_refused(document), _MOST_SAID))


def _refused(document: Any) -> Iterator[Problem]:
    todo = [("", document)]
    while todo:
        at, value = todo.pop()
        if isinstance(value, _Refused):
            yield Problem(at, str(value))
        elif isinstance(value, _Pairs):
            seen: set[str] = set()
            for key, item in value:
                if key in seen:
                    yield Problem(at + pointer(key), f"the key {shown(key)} stands twice in one object")
                seen.add(key)
                todo.append((at + pointer(key), item))
        elif isinstance(value, list):
            todo += [(at + pointer(index), item) for index, item in enumerate(value)]


def _no_json(error: json.JSONDecodeError) -> Problem:
    return Problem("", f"line {error.lineno}, column {error.colno}: {error.msg}")
