"""A child's lines to its slot, and the orders that come the other way. Standard library only."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from types import FrameType

from caviar_workers.checkpoints.manifest import Kept
from caviar_workers.current import write_all
from caviar_workers.trial import Nudge, Report, TrialStopped

LOOK_FOR_ORDERS_EVERY = 0.01
LARGEST_ORDER = 1 << 20


class ChildLine:
    """Only the main thread ever gets TrialStopped by a signal, and never in the middle of a line."""

    def __init__(self, events: int, orders: socket.socket) -> None:
        self._events = events
        self._orders = orders
        orders.settimeout(0)
        self._lock = threading.Lock()
        self._main = threading.get_ident()
        self._pid = os.getpid()
        self._attempt: str | None = None
        self._interruptible = False
        self._writing = False
        self._stopping = False
        self._pausing = False
        self._nudges: list[Nudge] = []
        self._signals_due = 0
        self._looked_at = 0.0

    def begin(self, attempt: str) -> None:
        """From here to `end` a stop of this attempt may interrupt the main thread."""
        self._stopping = self._pausing = False
        self._nudges = []
        self._attempt = attempt
        self._interruptible = True
        self._take_orders()
        self.check_now()

    def shut(self) -> None:
        """From here on nothing interrupts the main thread."""
        self._interruptible = False

    def end(self) -> bool:
        """Whether the attempt had been told to stop."""
        self._attempt = None
        if self._signals_due > 0:
            self._await_signal()
        if signal.getsignal(signal.SIGTERM) != self.on_term:  # the trial had its own
            signal.signal(signal.SIGTERM, self.on_term)
        return self._stopping

    def _await_signal(self) -> None:
        """The signal of an order that was seen first must not hit the next trial's processes."""
        for _ in range(50):
            if self._signals_due <= 0 or signal.getsignal(signal.SIGTERM) != self.on_term:
                break
            time.sleep(0.002)
        self._signals_due = 0

    def report(self, report: Report) -> None:
        step, metrics, at = report
        self.write(json.dumps(["report", step, metrics, at]).encode() + b"\n")

    def saved(self, step: float, kept: Kept, at: float) -> None:
        self.write(json.dumps(["saved", step, kept.uri, kept.size, kept.digest, at]).encode() + b"\n")

    def pausing(self) -> bool:
        return self._pausing

    def take_nudges(self) -> list[Nudge]:
        nudges, self._nudges = self._nudges, []
        return nudges

    def nudged(self, nudge: str, step: float) -> None:
        self.write(json.dumps(["nudged", nudge, step, time.time()]).encode() + b"\n")

    def check(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > LOOK_FOR_ORDERS_EVERY and self._is_here():
            self._looked_at = now
            self._take_orders()
        self.check_now()

    def check_now(self) -> None:
        if self._stopping:
            raise TrialStopped

    def write(self, data: bytes) -> None:
        """A forked process of the user's may report as well: it has its own copy of everything here but the pipe."""
        main = threading.get_ident() == self._main
        if main:
            self._writing = True
        try:
            with self._lock:
                write_all(self._events, data)
        finally:
            if main:
                self._writing = False

    def on_term(self, _signum: int, _frame: FrameType | None) -> None:
        if not self._is_here():
            self._die()
        self._take_orders()
        if self._signals_due <= 0:  # nobody ordered it: somebody else ends this process
            self._die()
        self._signals_due -= 1
        if self._stopping and self._interruptible and not self._writing:
            self._interruptible = False  # once: clean-up code shall not be interrupted
            raise TrialStopped

    def _take_orders(self) -> None:
        while True:
            try:
                packet = self._orders.recv(LARGEST_ORDER)
            except (BlockingIOError, OSError):
                return
            if not packet:
                return
            action, attempt, *more = json.loads(packet)
            mine = attempt == self._attempt
            match action:
                case "stop":
                    self._signals_due += 1
                    self._stopping = self._stopping or mine
                case "pause":
                    self._pausing = self._pausing or mine
                case "nudge" if mine:
                    self._nudges.append((more[0], more[1]))

    def _is_here(self) -> bool:
        return os.getpid() == self._pid

    @staticmethod
    def _die() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
