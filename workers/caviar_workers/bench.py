"""The runner at work in a slot, and the waiting for what it says."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from functools import partial
from pathlib import Path

from caviar_workers.attempts import Attempt, Work
from caviar_workers.runner.messages import Message
from caviar_workers.runner.process import Exit
from caviar_workers.runner.runner import Runner

ASK_EVERY = 0.05
Start = Callable[[Work, Path | None], Runner]


class Bench:
    """At most one runner. `take` gets what it says, `ended` is called when its process is found dead."""

    def __init__(self, start: Start, take: Callable[[list[Message]], None], ended: Callable[[], None]) -> None:
        self._start, self._take, self._ended = start, take, ended
        self._selector = selectors.DefaultSelector()
        self.runner: Runner | None = None
        self._key: str | None = None

    def fits(self, work: Work) -> bool:
        """Whether the runner at hand serves this work too."""
        return self.runner is not None and work.child_key is not None and work.child_key == self._key

    def replace(self, work: Work, bundle: Path | None) -> None:
        self.discard()
        self.runner, self._key = self._start(work, bundle), work.child_key
        self._listen(self.runner)

    def hand(self, attempt: Attempt) -> bool:
        runner = self.runner
        if runner is None or runner.log_is_large or not runner.hand(attempt):
            return False
        self._listen(runner)
        return True

    def register(self, descriptor: int, read: Callable[[], object]) -> None:
        """Waits for another descriptor as well."""
        self._selector.register(descriptor, selectors.EVENT_READ, read)

    def wait(self, seconds: float) -> bool:
        """Waits for something to happen and sees to it. Whether something did."""
        process = self.runner.process if self.runner else None
        must_ask = process is not None and process.exit_fd < 0
        ready = self._selector.select(max(0.0, min(seconds, ASK_EVERY) if must_ask else seconds))
        for key, _ in ready:
            if key.fd in self._selector.get_map():  # not dealt with by one before it
                key.data()
        if must_ask:
            self._ended()
        return bool(ready)

    def spoken(self) -> list[Message]:
        return self.runner.spoken() if self.runner else []

    def read_all(self) -> None:
        """Everything the code has said by now."""
        runner = self.runner
        for descriptor in tuple(runner.descriptors()) if runner else ():
            while self.runner is runner and self._read(descriptor):
                pass
        if runner and self.runner is runner:
            self._take(runner.spoken())

    def exited(self) -> Exit | None:
        """How the runner's process ended, after all it said is taken; None while it runs or where none is."""
        process = self.runner.process if self.runner else None
        found = process.exited() if process else None
        if found:
            self.read_all()
        return found

    def discard(self) -> None:
        """Kills what runs, and frees everything."""
        if self.runner is None:
            return
        runner, self.runner, self._key = self.runner, None, None
        ends = [runner.process.exit_fd] if runner.process else []
        for descriptor in (*runner.descriptors(), *ends):
            if descriptor >= 0 and descriptor in self._selector.get_map():
                self._selector.unregister(descriptor)
        runner.close()

    def close(self) -> None:
        self.discard()
        self._selector.close()

    def _listen(self, runner: Runner) -> None:
        known = self._selector.get_map()
        for descriptor in runner.descriptors():
            if descriptor not in known:
                self.register(descriptor, partial(self._read, descriptor))
        if runner.process and runner.process.exit_fd >= 0 and runner.process.exit_fd not in known:
            self.register(runner.process.exit_fd, self._ended)

    def _read(self, descriptor: int) -> bool:
        if self.runner is None:
            return False
        try:
            messages = self.runner.read(descriptor)
        except BlockingIOError:
            return False
        if messages is None and descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)
        self._take(self.runner.spoken() if messages is None else messages)
        return messages is not None
