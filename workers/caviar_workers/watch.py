"""What the clock has to say about the attempt at work."""

from __future__ import annotations

import time
from collections.abc import Callable

from caviar_workers.attempts import Attempt
from caviar_workers.runner import memory
from caviar_workers.runner.verdict import Wanted

LOGS_EVERY = 0.25
MEMORY_EVERY = 0.5
NEVER = float("inf")


class Watch:
    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None] = time.sleep,
                 count_oom_kills: Callable[[], int] = memory.oom_kills) -> None:  # fmt: skip
        self._clock, self.sleep, self._count_oom_kills = clock, sleep, count_oom_kills
        self._logs_at = self._memory_at = NEVER
        count = count_oom_kills()
        self._oom_kills = (count, count)
        """At the last look and at the one before: a death is noticed a little after its cause."""

    def begin(self) -> float:
        """An attempt begins now."""
        now = self._clock()
        self._logs_at, self._memory_at = now + LOGS_EVERY, now + MEMORY_EVERY
        return now

    def logs_are_due(self) -> bool:
        due = self._clock() >= self._logs_at
        if due:
            self._logs_at = self._clock() + LOGS_EVERY
        return due

    def memory_is_due(self) -> bool:
        due = self._clock() >= self._memory_at
        if due:
            self._memory_at = self._clock() + MEMORY_EVERY
            self._oom_kills = (self._count_oom_kills(), self._oom_kills[0])
        return due

    def oom_kills(self) -> int:
        """How often the kernel has killed for memory since the last look but one."""
        return self._count_oom_kills() - self._oom_kills[1]

    def heard(self, attempt: Attempt) -> None:
        """It has just said something."""
        attempt.spoke = self._clock()

    def overdue(self, attempt: Attempt) -> Wanted | None:
        """Whether the attempt has taken too long, as a whole or without a word."""
        if attempt.wanted is not None:
            return None
        if self._clock() >= _too_late_at(attempt):
            return Wanted.TIMEOUT
        return Wanted.SILENCE if self._clock() >= _silent_at(attempt) else None

    def pause_is_overdue(self, attempt: Attempt) -> bool:
        return not attempt.told and attempt.pause_until is not None and self._clock() >= attempt.pause_until

    def grace_is_over(self, attempt: Attempt) -> bool:
        return attempt.kill_at is not None and self._clock() >= attempt.kill_at

    def next_due(self, attempt: Attempt | None) -> float:
        """When to look again."""
        if attempt is None:
            return NEVER
        late = min(_too_late_at(attempt), _silent_at(attempt)) if attempt.wanted is None else NEVER
        over = attempt.kill_at if attempt.kill_at is not None else NEVER
        pause = NEVER if attempt.told or attempt.pause_until is None else attempt.pause_until
        return min(self._logs_at, self._memory_at, late, over, pause)


def _too_late_at(attempt: Attempt) -> float:
    limit = attempt.work.train.trial_seconds
    return NEVER if limit is None else (attempt.begun or 0.0) + limit


def _silent_at(attempt: Attempt) -> float:
    limit = attempt.work.train.silence_seconds
    return NEVER if limit is None else attempt.spoke + limit
