"""When a request is sent again. A request is repeatable when doing it twice is the same as doing it once."""

from dataclasses import dataclass
from typing import Final

REPEATABLE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
PASSING_STATUSES: Final = frozenset({429, 502, 503, 504})
"""Answers of a service that is busy, starting or behind a proxy that lost it."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    attempts: int = 5
    first_delay: float = 0.2
    longest_delay: float = 5.0

    def delay(self, attempt: int, jitter: float, retry_after: float | None = None) -> float | None:
        """Seconds to wait after the `attempt`-th try (from 1) failed; None: give up.

        `jitter` in [0, 1) spreads callers over the upper half of the delay. A server's Retry-After is kept to, up to
        `longest_delay`.
        """
        if attempt >= self.attempts:
            return None
        if retry_after is not None:
            return min(retry_after, self.longest_delay)
        full: float = min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        return full * (0.5 + jitter / 2)


def is_repeatable(method: str, *, has_key: bool) -> bool:
    return method in REPEATABLE_METHODS or has_key


def retry_after(header: str | None) -> float | None:
    """The seconds form of Retry-After; its date form is left alone."""
    return float(header) if header and header.isascii() and header.isdigit() else None
