"""A slot: one place where attempts run, one after the other, in a supervised child. Knows nothing of Ray.

What may be repeated, and what may be lost
------------------------------------------
* An event stays here until it is acknowledged: an agent's crash loses none. `collect` may be called again at will.
* `submit` of an attempt that is already here does nothing.
* `take_back` answers with attempts that were not begun and never will be here: the caller has them now.
* When no agent has called for the lease time all that is here is ended: no two attempts of a trial go on for long.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import orjson

from caviar_workers.attempts import Attempt, SlotSettings, Work
from caviar_workers.checkpoints.store import open_store
from caviar_workers.folders import LockedFolder
from caviar_workers.ledger import Ledger
from caviar_workers.protocol import Train
from caviar_workers.runner.command_run import CommandRun
from caviar_workers.runner.environment import child_environment
from caviar_workers.runner.function_child import FunctionChild
from caviar_workers.runner.runner import Runner
from caviar_workers.runner.verdict import Died
from caviar_workers.spool import Spool
from caviar_workers.supervisor import Supervisor
from caviar_workers.surroundings import in_background

T = TypeVar("T")
ANSWER_WITHIN = 30.0
WORKS_KEPT = 100


class Slot:
    """Thread-safe. The child is started by the slot's own thread, which lives as long as the slot does."""

    def __init__(
        self,
        settings: SlotSettings,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        abandoned: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._environ, self._clock, self._abandoned = settings, environ, clock, abandoned
        self._cookie = secrets.token_hex(8)
        self._folder = LockedFolder(settings.root / "slots", self._cookie)
        self._spool = Spool(clock)
        scratch = self._folder.path / "scratch"
        scratch.mkdir()
        ledger = Ledger(self._spool, settings.node, wall, in_background())
        self._supervisor = Supervisor(ledger, self._start_runner, scratch, clock, self._spool.hurry)
        self._works: dict[str, Work] = {}
        self._store = open_store(settings.checkpoints or str(settings.root / "checkpoints")).url
        self._batches = 0
        self._lease = settings.lease_seconds
        self._called_at = clock()
        self._given_up = False
        """The lease has ended; the events are kept as long again."""
        self._asked: deque[Callable[[], None]] = deque()
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        self._supervisor.register(self._wake_read, self._answer)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="caviar-slot", daemon=True)
        self._thread.start()

    def submit(self, batch: bytes) -> None:
        """A JSON object: `work` (key, train), `lease_seconds`, `attempts` (attempt, trial, number, params, and
        `checkpoints` to go on from)."""
        document = orjson.loads(batch)
        self._ask(lambda: self._submit(document))

    def provide(self, digest: str, bundle: Path | Died) -> None:
        """Where a bundle lies unpacked on this node, or why it does not."""
        self._ask(lambda: self._supervisor.provide(digest, bundle))

    def collect(self, ack: int, wait: float) -> bytes:
        """A `Chunk` of the events after `ack`, which are acknowledged hereby. Waits while there are none."""
        self.touch()
        chunk = self._spool.collect(ack, wait)
        self.touch()
        return chunk.to_bytes()

    def held(self) -> bytes:
        """A JSON list of the attempts that are here and have not ended."""
        return orjson.dumps(self._answer_of(lambda: [attempt.id for attempt in self._supervisor.attempts()]))

    def command(self, order: bytes) -> None:
        """A JSON object as the wire's `Command`."""
        self._ask(lambda: self._obey(orjson.loads(order)))

    def take_back(self) -> bytes:
        """A JSON list of the attempts that were not begun; they are no longer here."""
        return orjson.dumps(self._answer_of(self._supervisor.take_back))

    def touch(self) -> None:
        """An agent is there."""
        self._called_at = self._clock()
        self._given_up = False

    def close(self) -> None:
        """Ends all at once. Nothing is said of what was running."""
        self._closing = True
        self._wake()
        self._spool.close()
        self._thread.join()

    # The slot's own thread

    def _run(self) -> None:
        """Whatever ends this thread ends the slot: an agent shall see it die rather than wait for it."""
        try:
            while not self._closing:
                self._supervisor.turn(max(0.01, self._called_at + self._lease - self._clock()))
                if self._clock() - self._called_at > self._lease:
                    self._give_up()
        finally:
            self._supervisor.close()
            self._folder.remove()
            if not self._closing:
                self._abandoned()

    def _give_up(self) -> None:
        if self._given_up:
            self._abandoned()
        self._supervisor.abandon()
        self._given_up = True
        self._called_at = self._clock()

    def _answer(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        while self._asked:
            self._asked.popleft()()

    def _submit(self, document: dict[str, Any]) -> None:
        self._lease = float(document.get("lease_seconds") or self._lease)
        work = self._work(document["work"])
        self._batches += 1
        here = {attempt.id for attempt in self._supervisor.attempts()}
        fresh = [entry for entry in document["attempts"] if entry["attempt"] not in here]
        self._supervisor.add([self._attempt(entry, work) for entry in fresh])

    def _attempt(self, entry: dict[str, Any], work: Work) -> Attempt:
        attempt = Attempt(entry["attempt"], entry["trial"], entry["number"], entry["params"], work, self._batches)
        attempt.store, attempt.checkpoints = self._store, entry.get("checkpoints") or ()
        return attempt

    def _work(self, document: dict[str, Any]) -> Work:
        key = document["key"]
        if key not in self._works:
            if len(self._works) >= WORKS_KEPT:
                self._works.clear()
            self._works[key] = Work.of(key, Train.model_validate(document["train"]))
        return self._works[key]

    def _obey(self, order: dict[str, Any]) -> None:
        match order["action"]:
            case "stop":
                self._supervisor.stop(order["attempt"], order.get("grace_seconds"))
            case "pause":
                self._supervisor.pause(order["attempt"])
            case "nudge":
                self._supervisor.nudge(order["attempt"], order["nudge"], order["params"])
            case "return":
                self._supervisor.give_back(order["attempt"])
            case "forget":
                self._supervisor.forget(order["attempt"])

    def _start_runner(self, work: Work, bundle: Path | None) -> Runner:
        settings, folder = self._settings, self._folder.path
        env = child_environment(self._environ, cookie=self._cookie, cpus=settings.cpus, gpu_ids=settings.gpu_ids)
        kind = CommandRun if work.train.command else FunctionChild
        return kind(env=env, folder=folder, scratch=folder / "scratch", bundle=bundle)

    # Asking it from another

    def _ask(self, what: Callable[[], None]) -> None:
        self.touch()
        self._asked.append(what)
        self._wake()

    def _answer_of(self, what: Callable[[], T]) -> T:
        answer: Future[T] = Future()

        def give() -> None:
            try:
                answer.set_result(what())
            except Exception as error:  # noqa: BLE001  the asker shall see it
                answer.set_exception(error)

        self._ask(give)
        return answer.result(ANSWER_WITHIN)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")
