"""How often: requests of each token, and failed tries of each address."""

import asyncio
import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import Scope

from caviar.api.auth import Principal
from caviar.api.roles import Role
from caviar.domain.errors import TooManyRequests

MOST_SLOWED = 100
"""Failed requests that are held back at once; more are answered without waiting."""


class Pace:
    """Counted in this process: several replicas allow as many times as much. Agents are not counted: the service
    itself says when they sync."""

    def __init__(self, per_minute: int, failures_per_minute: int, slow_seconds: float) -> None:
        self._counts = FixedWindowRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(per_minute)
        self._failures = RateLimitItemPerMinute(failures_per_minute)
        self._slow_seconds = slow_seconds
        self._slowed = 0

    def count(self, caller: Principal) -> None:
        """Raises TooManyRequests."""
        if caller.role is not Role.AGENT and not self._counts.hit(self._requests, "requests", caller.id):
            raise TooManyRequests(
                f"This token made more than {self._requests.amount:,} requests in a minute.",
                after=self._seconds_left(self._requests, "requests", caller.id),
            )

    async def failed(self, scope: Scope) -> None:
        """A token, cookie or code was no good. Beyond the limit the answer waits, and says TooManyRequests."""
        address = str((scope.get("client") or ("",))[0])
        if self._counts.hit(self._failures, "failures", address):
            return
        if self._slowed < MOST_SLOWED:
            self._slowed += 1
            try:
                await asyncio.sleep(self._slow_seconds)
            finally:
                self._slowed -= 1
        raise TooManyRequests(
            "Too many requests from this address had a token that is not known.",
            after=self._seconds_left(self._failures, "failures", address),
        )

    def _seconds_left(self, item: RateLimitItemPerMinute, *key: str) -> int:
        resets_at = self._counts.get_window_stats(item, *key).reset_time
        return max(1, math.ceil(resets_at - time.time()))
