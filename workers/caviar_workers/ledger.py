"""What a slot has to say about its attempts, as the wire's events in its spool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, assert_never

import orjson

from caviar_workers.attempts import Attempt
from caviar_workers.plain_text import plain, printed
from caviar_workers.runner.logs import Piece
from caviar_workers.runner.messages import Nudged, Reported, Saved
from caviar_workers.runner.verdict import Completed, Died, Halted, Unspoken, Verdict
from caviar_workers.spool import Spool

MESSAGE = 2_000
SOON, LATER, AT_LEISURE = 0.005, 0.01, 0.03
"""Seconds that a start, an end and a metric may wait for company."""


class Ledger:
    def __init__(
        self,
        spool: Spool,
        node: str,
        wall: Callable[[], float],
        surroundings: Callable[[], Mapping[str, Any] | None] = lambda: None,
    ) -> None:
        self._spool = spool
        self._node = node
        self._wall = wall
        self._surroundings = surroundings
        self._told: set[str] = set()

    def started(self, attempt: Attempt, pid: int, at: float) -> None:
        self._add(attempt, "started", SOON, at, {"node": self._node, "pid": pid, **self._untold(attempt)})

    def reported(self, attempt: Attempt, report: Reported) -> None:
        self._add(attempt, "report", AT_LEISURE, report.at, {"step": report.step, "metrics": report.metrics})

    def saved(self, attempt: Attempt, saved: Saved) -> None:
        kept = {"step": saved.step, "uri": saved.uri, "size": saved.size, "digest": saved.digest}
        self._add(attempt, "checkpoint", LATER, saved.at, kept)

    def nudged(self, attempt: Attempt, nudged: Nudged) -> None:
        self._add(attempt, "nudged", SOON, nudged.at, {"nudge": nudged.nudge, "step": nudged.step})

    def logged(self, attempt: Attempt, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            self._add(attempt, "log", AT_LEISURE, self._wall(), {"text": printed(piece.text), "skipped": piece.skipped})

    def noted(self, attempt: Attempt, text: str) -> None:
        """A line of our own among the trial's output."""
        self._add(attempt, "log", AT_LEISURE, self._wall(), {"text": printed(text), "skipped": 0})

    def returned(self, attempt: Attempt) -> None:
        self._add(attempt, "returned", 0.0, self._wall(), {})

    def ended(self, attempt: Attempt, verdict: Verdict, seconds: float) -> None:
        spent = {"seconds": seconds, **({"memory_mb": attempt.peak_mb} if attempt.peak_mb else {})}
        match verdict:
            case Completed(metrics):
                self._add(attempt, "finished", LATER, self._wall(), {"metrics": metrics, **spent})
            case Halted(killed):
                self._add(attempt, "stopped", LATER, self._wall(), {"killed": killed, **spent})
            case Died():
                self._add(attempt, "failed", LATER, self._wall(), {**_death(verdict), **spent})
            case Unspoken():
                self._spool.forget(attempt.id)
            case _:
                assert_never(verdict)

    def _untold(self, attempt: Attempt) -> dict[str, Any]:
        """What the training runs on, with the first start of each work, once it is known."""
        known = None if attempt.work.key in self._told else self._surroundings()
        if known is None:
            return {}
        self._told.add(attempt.work.key)
        return {"surroundings": known}

    def _add(self, attempt: Attempt, kind: str, delay: float, at: float, more: Mapping[str, Any]) -> None:
        event = {"kind": kind, "attempt": attempt.id, "seq": attempt.next_seq(), "at": at, **more}
        self._spool.add(kind, attempt.id, orjson.dumps(event), delay)


def _death(died: Died) -> dict[str, Any]:
    return {"code": died.code, "message": plain(died.message[:MESSAGE]), "infrastructure": died.infrastructure}
