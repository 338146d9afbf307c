"""Whether an object is JSON that every database and every program can hold, whatever it means."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from caviar.domain.errors import InvalidStudy, Problem, pointer
from caviar.domain.values import number_problem, shown, whole_problem

MAX_CHARACTERS: Final = 1_000_000
MAX_NESTING: Final = 32
MAX_KEYS: Final = 1_000
MAX_PROBLEMS: Final = 200
"""Nobody reads more, and a hostile document does not make us write them."""

_CONTROL: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER_SIZE: Final = 8
_MARKS: Final = 2
"""What a string's quotes or a container's brackets add."""

_Path = tuple[str | int, ...]


def shape_problems(document: object) -> list[Problem]:
    """Raises InvalidStudy for what nothing else could look at: too large, too deep (a circle), keys of other types."""
    problems: list[Problem] = []
    keys: list[Problem] = []
    left = MAX_CHARACTERS
    todo: list[tuple[Any, _Path]] = [(document, ())]
    while todo:
        value, path = todo.pop()
        left -= _size(value)
        if left < 0:
            raise InvalidStudy([Problem("", f"is larger than {MAX_CHARACTERS:,} characters")])
        if len(path) > MAX_NESTING:
            raise InvalidStudy([Problem(pointer(*path[:3]), f"is nested more than {MAX_NESTING} deep")])
        if isinstance(value, dict):
            if len(value) > MAX_KEYS:
                raise InvalidStudy(
                    [Problem(pointer(*path), f"must have at most {MAX_KEYS:,} keys, not {len(value):,}")]
                )
            keys += _key_problems(value, path)
            todo += [(item, (*path, str(key))) for key, item in value.items()]
        elif isinstance(value, list | tuple):
            todo += [(item, (*path, index)) for index, item in enumerate(value)]
        elif problem := _scalar_problem(value):
            problems.append(Problem(pointer(*path), problem))
    if keys:
        raise InvalidStudy(keys[:MAX_PROBLEMS])
    return problems


def in_order(problems: Iterable[Problem], document: object) -> list[Problem]:
    """Each once, sorted as what they point to stands in the document; what an object lacks comes before what it has."""
    ranks = {at: rank for rank, at in enumerate(_pointers(document))}

    def place(problem: Problem) -> tuple[int, bool]:
        at = problem.pointer
        return ranks.get(at, ranks.get(at.rpartition("/")[0], 0)), at in ranks

    return sorted(dict.fromkeys(problems), key=place)


def _pointers(document: object) -> Iterator[str]:
    todo = [("", document)]
    while todo:
        at, value = todo.pop()
        yield at
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
        )
        todo += [(at + pointer(key), item) for key, item in items][::-1]


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value) + _MARKS
    if isinstance(value, dict):
        return _MARKS + sum(len(key) + _MARKS for key in value if isinstance(key, str))
    return _MARKS if isinstance(value, list | tuple) else _NUMBER_SIZE


def _key_problems(value: dict[Any, Any], path: _Path) -> Iterator[Problem]:
    for key in value:
        if not isinstance(key, str):
            yield Problem(pointer(*path, str(key)), f"a key must be a string, not {shown(key)}: put it in quotes")
        elif problem := character_problem(key):
            yield Problem(pointer(*path), f"a key {problem}")


def _scalar_problem(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return character_problem(value)
    if isinstance(value, int):
        return whole_problem(value)
    if isinstance(value, float):
        return number_problem(value)
    return f"must be a string, a number, true, false, null, a list or an object, not {shown(value)}"


def character_problem(text: str) -> str | None:
    """What no text holds: what can't be kept, and what would steer the terminal that shows it."""
    if problem := unkept_problem(text):
        return problem
    return "holds a control character other than tab and the ends of lines" if _CONTROL.search(text) else None


def unkept_problem(text: str) -> str | None:
    """What UTF-8 or PostgreSQL's JSON can't hold."""
    if "\0" in text:
        return "holds a NUL character"
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "holds half a surrogate pair"
    return None
