"""When a supervised process is started, started again, or given up: pure functions of its life so far.

Times are seconds of a monotonic clock.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 30.0
HEALTHY_AFTER: Final = 60.0
"""A process that was ready for this long begins anew: its next crash waits FIRST_DELAY."""
HOPELESS_AFTER: Final = 3
"""A process that crashed this often and was never once ready is not going to be."""


class Phase(StrEnum):
    DOWN = "down"
    STARTING = "starting"
    UP = "up"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Life:
    phase: Phase = Phase.DOWN
    since: float = 0.0
    """When the phase began."""
    not_before: float = 0.0
    """When it may be started; means something while it is down."""
    failures: int = 0
    """Crashes in a row."""
    was_ready: bool = False


def delay(failures: int) -> float:
    """Seconds between the `failures`-th crash in a row and the next start."""
    doublings = min(failures - 1, 16)
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0**doublings)


def is_due(life: Life, now: float) -> bool:
    return life.phase is Phase.DOWN and now >= life.not_before


def started(life: Life, now: float) -> Life:
    return replace(life, phase=Phase.STARTING, since=now)


def became_ready(life: Life, now: float) -> Life:
    return replace(life, phase=Phase.UP, since=now, was_ready=True)


def crashed(life: Life, now: float) -> Life:
    """It ended without having been asked to, whatever its exit code."""
    failures = 1 if _was_healthy(life, now) else life.failures + 1
    if not life.was_ready and failures >= HOPELESS_AFTER:
        return replace(life, phase=Phase.GIVEN_UP, since=now, failures=failures)
    return replace(life, phase=Phase.DOWN, since=now, failures=failures, not_before=now + delay(failures))


def was_stopped(life: Life, now: float) -> Life:
    """It ended because it was told to (what it needs went away); it starts again when that is back."""
    return replace(life, phase=Phase.DOWN, since=now, not_before=now)


def _was_healthy(life: Life, now: float) -> bool:
    return life.phase is Phase.UP and now - life.since >= HEALTHY_AFTER
