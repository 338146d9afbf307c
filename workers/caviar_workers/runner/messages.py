"""What a child says to its slot, parsed: anything else that comes out of the pipe is garbage, counted and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from caviar_workers.metrics import MAX_METRICS, is_name
from caviar_workers.plain_text import is_plain

LONGEST_LINE = 1 << 20
LONGEST_URI, LONGEST_DIGEST = 4_000, 80
LATEST = 32_503_680_000.0
"""The year 3000, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Begun:
    attempt: str
    at: float


@dataclass(frozen=True, slots=True)
class Reported:
    step: float
    metrics: dict[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint is stored: `size` in bytes."""

    step: float
    uri: str
    size: int
    digest: str
    at: float


@dataclass(frozen=True, slots=True)
class Nudged:
    """The parameters of a nudge are in force after `step`."""

    nudge: str
    step: float
    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    attempt: str
    how: str
    detail: Any
    seconds: float
    log_end: int
    at: float


@dataclass(frozen=True, slots=True)
class Unstartable:
    reason: str


Message = Begun | Reported | Saved | Nudged | Ended | Unstartable


@dataclass(slots=True)
class Lines:
    """Cuts what comes out of a pipe into messages."""

    garbage: int = 0
    _rest: bytes = field(default=b"")

    def feed(self, data: bytes) -> Iterator[Message]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            self.garbage += 1
            self._rest = b""
        for line in filter(None, whole):
            message = parsed(line)
            if message is None:
                self.garbage += 1
            else:
                yield message


def parsed(line: bytes) -> Message | None:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    message: Message | None = None
    match document:
        case [*_, float(at)] if not 0.0 <= at < LATEST:
            message = None
        case ["begun", str(attempt), float(at)]:
            message = Begun(attempt, at)
        case ["report", float(step) | int(step), dict(metrics), float(at)] if _are_metrics(metrics):
            message = Reported(float(step), metrics, at)
        case ["saved", float(step) | int(step), str(uri), int(size), str(digest), float(at)] if _is_kept(
            uri, size, digest
        ):
            message = Saved(float(step), uri, size, digest, at)
        case ["nudged", str(nudge), float(step) | int(step), float(at)]:
            message = Nudged(nudge, float(step), at)
        case ["ended", str(attempt), str(how), detail, float(seconds), int(end), float(at)] if _fits(how, detail):
            message = Ended(attempt, how, detail, seconds, end, at)
        case ["unstartable", str(reason)]:
            message = Unstartable(reason)
    return message


def _fits(how: str, detail: Any) -> bool:
    match how, detail:
        case "finished", dict():
            return _are_metrics(detail)
        case ("stopped", None) | ("failed", [str(), str()]):
            return True
        case _:
            return False


_NOT_FINITE = ("NaN", "Infinity", "-Infinity")


def _is_kept(uri: str, size: int, digest: str) -> bool:
    """Whether this tells of a checkpoint as the wire takes it."""
    return (
        size >= 0 and len(uri) <= LONGEST_URI and is_plain(uri) and len(digest) <= LONGEST_DIGEST and is_plain(digest)
    )


def _are_metrics(metrics: dict[str, Any]) -> bool:
    """As the wire takes them."""
    return (
        len(metrics) <= MAX_METRICS
        and all(map(is_name, metrics))
        and all(
            type(value) is float or type(value) is int or (type(value) is str and value in _NOT_FINITE)
            for value in metrics.values()
        )
    )
