"""The body of a sync: as strict as any other JSON, and quickly read, for it is the busiest of all."""

import re
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from typing import Any

import orjson
from pydantic import ValidationError

from caviar.api.errors import invalid
from caviar.api.routes import parsed
from caviar.domain.errors import InvalidInput, Problem, pointer
from caviar.domain.json_shape import character_problem, unkept_problem
from caviar_workers.protocol import SyncRequest

MOST_SAID = 20
_COLON_ESCAPED = b"\\u003"
_OF_CONTROLS = (b"\\u00", b"\\b", b"\\f", b"\x7f")
"""One of these is in every body with a control character other than tab and the ends of lines."""
_OUTPUT = re.compile(r"/events/\d+/text")
"""What a program printed: the one place where controls other than NUL are at home."""


def read_sync(body: bytes) -> SyncRequest:
    """Raises InvalidInput, or UnreadableBody for what is no JSON. Fields that a newer agent sends are passed over."""
    problems = list(islice(_problems(body), MOST_SAID))
    if problems:
        raise InvalidInput(problems)
    try:
        return SyncRequest.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error, "events") from None


def _problems(body: bytes) -> Iterator[Problem]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:  # NaN, 1e400, half a surrogate pair, or no JSON: the slow reader says where
        document = parsed(body)
        yield from _unfit(document)
        yield Problem("", f"is not JSON: {error}")
        return
    if not _has_each_key(body, document):
        parsed(body)
    if any(mark in body for mark in _OF_CONTROLS):
        yield from _unfit(document)


def _has_each_key(body: bytes, document: Any) -> bool:
    """False where a key stands twice, and perhaps in other cases. What was dropped of a doubled key takes a colon with
    it, while colons within texts stay as many, unless they are written as escapes."""
    return body.count(b":") == orjson.dumps(document).count(b":") and _COLON_ESCAPED not in body


def _unfit(document: Any) -> Iterator[Problem]:
    """Characters and numbers that JSON may spell and that nobody may hold."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        at, value = todo.pop()
        if isinstance(value, str):
            if problem := (unkept_problem if _OUTPUT.fullmatch(at) else character_problem)(value):
                yield Problem(at, problem)
        elif isinstance(value, float) and not isfinite(value):
            yield Problem(at, "is beyond what a float holds")
        elif isinstance(value, dict):
            yield from (Problem(at, f"a key {problem}") for key in value if (problem := character_problem(key)))
            todo += [(at + pointer(key), item) for key, item in value.items()]
        elif isinstance(value, list):
            todo += [(at + pointer(index), item) for index, item in enumerate(value)]
