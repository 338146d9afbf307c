"""Which reports of a flood are sent. Standard library only."""

from __future__ import annotations

ALL_OF_THE_FIRST = 1_000
NEVER_DROPPED_AFTER = 0.1
"""Seconds since the last one sent: whoever reports more slowly than this loses nothing."""


class Thinner:
    """Keeps the first thousand reports, then every second, every fourth after the next thousand, and so on.

    A million reports leave about 6,000, whatever their speed; the caller sends the very last one itself.
    """

    def __init__(self) -> None:
        self.seen = 0
        self._sent_at = float("-inf")

    def keep(self, now: float) -> bool:
        index, self.seen = self.seen, self.seen + 1
        every = 1 << (index // ALL_OF_THE_FIRST).bit_length()
        if every > 1 and index % every and now - self._sent_at < NEVER_DROPPED_AFTER:
            return False
        self._sent_at = now
        return True
