"""Orders to an attempt at work that do not end it at once: a pause, a nudge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from caviar_workers.attempts import Attempt
from caviar_workers.bench import Bench
from caviar_workers.runner.verdict import Wanted

PAUSE_SECONDS = 60.0
"""A step may last so long before a pause interrupts it."""


class Steering:
    def __init__(self, bench: Bench, clock: Callable[[], float]) -> None:
        self._bench, self._clock = bench, clock

    def pause(self, attempt: Attempt, *, begun: bool) -> None:
        """Tells the attempt at work to end between two steps; one that is just being begun is told then."""
        if not begun:
            attempt.pause_until = self._clock()
        elif attempt.wanted is None and self._bench.runner:
            attempt.wanted = Wanted.STOP
            attempt.pause_until = self._clock() + PAUSE_SECONDS
            self._bench.runner.order_pause(attempt.id)

    def nudge(self, attempt: Attempt, nudge: str, params: Mapping[str, Any], *, begun: bool) -> None:
        """One that is just being begun gets it then."""
        if nudge not in attempt.nudges:
            attempt.nudges[nudge] = params
            if begun:
                self._hand_over(attempt, nudge)

    def begin(self, attempt: Attempt) -> None:
        """What came while the attempt was on its way into the runner."""
        if attempt.pause_until is not None:
            self.pause(attempt, begun=True)
        for nudge in attempt.nudges:
            self._hand_over(attempt, nudge)

    def _hand_over(self, attempt: Attempt, nudge: str) -> None:
        if self._bench.runner:
            self._bench.runner.order_nudge(attempt.id, nudge, attempt.nudges[nudge])
