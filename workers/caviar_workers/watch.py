"""What the clock has to say about the attempt at work."""

from __future__ import annotations

import time
from collections.abc import Callable

from caviar_workers.attempts import Attempt
from caviar_workers.runner import memory

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

    def is_too_late(self, attempt: Attempt) -> bool:
        limit = attempt.work.train.trial_seconds
        return attempt.wanted is None and limit is not None and self._clock() >= (attempt.begun or 0.0) + limit

    def grace_is_over(self, attempt: Attempt) -> bool:
        return attempt.kill_at is not None and self._clock() >= attempt.kill_at

    def next_due(self, attempt: Attempt | None) -> float:
        """When to look again."""
        if attempt is None:
            return NEVER
        limit = attempt.work.train.trial_seconds if attempt.wanted is None else None
        too_late = (attempt.begun or 0.0) + limit if limit is not None else NEVER
        over = attempt.kill_at if attempt.kill_at is not None else NEVER
        return min(self._logs_at, self._memory_at, too_late, over)
