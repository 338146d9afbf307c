"""Waiting without holding a thread or a connection: tasks of the event loop, woken by the topics of commits."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from caviar.api.bus import EVERYTHING, Bus

PACE_SECONDS = 0.1
"""A waiter looks at the database at most once in this time, however often it is woken."""
LOOK_SECONDS = 10.0
"""It looks this often unasked; each second while the bus does not hear everything."""
LOOK_SECONDS_DEAF = 1.0

T = TypeVar("T")


class Signal:
    """One waiter's bell."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """True when it was rung (since the last wait), False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Wakeups:
    """Bells by topic. Topics come from any thread; all else happens on the loop."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._signals: dict[str, set[Signal]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending: set[str] = set()
        self._lock = threading.Lock()
        self.draining = False
        bus.subscribe(self.publish)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Bound to the running event loop."""
        self._loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            self._loop = None

    def publish(self, topics: frozenset[str]) -> None:
        """From any thread. Costs nothing when nobody waits for any of the topics."""
        loop = self._loop
        if loop is None or (topics != EVERYTHING and self._signals.keys().isdisjoint(topics)):
            return
        with self._lock:
            idle = not self._pending
            self._pending |= topics
        if idle:
            loop.call_soon_threadsafe(self._ring_pending)

    def ring(self, topic: str) -> None:
        """On the loop."""
        for signal in self._signals.get(topic, ()):
            signal.ring()

    def drain(self) -> None:
        """Lets every waiter go at once, now and from now on. From any thread."""
        self.draining = True
        self.publish(EVERYTHING)

    @contextmanager
    def listening(self, *topics: str) -> Iterator[Signal]:
        signal = Signal()
        for topic in topics:
            self._signals.setdefault(topic, set()).add(signal)
        try:
            yield signal
        finally:
            for topic in topics:
                waiting = self._signals[topic]
                waiting.discard(signal)
                if not waiting:
                    del self._signals[topic]

    async def pause(self, signal: Signal, seconds: float) -> None:
        """Until the bell rings, or it is time to look unasked; never longer than `seconds`."""
        if not self.draining:
            look = LOOK_SECONDS if self._bus.is_complete else LOOK_SECONDS_DEAF
            await signal.wait(max(0.0, min(seconds, look)))

    async def until(self, topic: str, look: Callable[[], T], reached: Callable[[T], bool], seconds: float) -> T:
        """What `look` (run in a thread) saw when `reached` said so, or last, after `seconds`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        with self.listening(topic) as signal:
            while True:
                began = loop.time()
                seen = await run_in_threadpool(look)
                left = deadline - loop.time()
                if reached(seen) or left <= 0 or self.draining:
                    return seen
                await self.pause(signal, left)
                await self.keep_pace(began)

    async def keep_pace(self, began: float) -> None:
        """Lets PACE_SECONDS pass since `began`."""
        left = began + PACE_SECONDS - asyncio.get_running_loop().time()
        if left > 0 and not self.draining:
            await asyncio.sleep(left)

    def _ring_pending(self) -> None:
        with self._lock:
            topics, self._pending = self._pending, set()
        everyone = not EVERYTHING.isdisjoint(topics)
        for topic in list(self._signals) if everyone else topics:
            self.ring(topic)
