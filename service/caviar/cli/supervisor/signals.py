"""Being told to stop: SIGINT, SIGTERM and SIGHUP, counted; the first wakes whoever waits."""

import select
import signal
import socket
from types import FrameType
from typing import Any, Final, Self

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """A context manager for the main thread. The handlers only count: taking a lock in one could be a deadlock."""

    def __init__(self) -> None:
        self.count = 0
        self._waker, self._wakened = socket.socketpair()
        self._before: list[tuple[signal.Signals, Any]] = []
        self._waker_before = -1

    def __enter__(self) -> Self:
        self._waker.settimeout(0)
        self._waker_before = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._before = [(number, signal.signal(number, self._count)) for number in _STOPPING]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._waker_before)
        self._waker.close()
        self._wakened.close()

    def wait(self, seconds: float) -> bool:
        """Whether there was a signal; returns at once when one comes."""
        if not self.count:
            select.select([self._wakened], [], [], seconds)
        return self.count > 0

    def impatient(self) -> bool:
        """A second signal came."""
        return self.count > 1

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
