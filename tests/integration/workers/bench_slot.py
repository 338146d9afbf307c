"""Driving a slot from a test: submit by function name, collect until a condition holds."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from caviar_workers.attempts import SlotSettings
from caviar_workers.slot import Slot
from caviar_workers.spool import Chunk

CODE = Path(__file__).parent / "code"
BUNDLE = "sha256:tests"
PATIENCE = 20.0
Event = dict[str, Any]
ENDINGS = ("finished", "stopped", "failed", "returned")


class BenchSlot:
    """A slot with the tests' code as its bundle."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.slot = Slot(SlotSettings("test", root=root, **settings))
        self.slot.provide(BUNDLE, CODE)
        self.events: list[Event] = []
        self._ack = 0
        self._numbers = itertools.count()

    def submit(self, function: str | None = None, *, count: int = 1, params: dict[str, Any] | None = None,
               command: Sequence[str] | None = None, memory_mb: float = 0.0,
               checkpoints: Sequence[Sequence[Any]] = (), **train: Any) -> list[str]:  # fmt: skip
        ids = [f"attempt-{next(self._numbers)}" for _ in range(count)]
        document = {
            "function": function and (function if ":" in function else f"training:{function}"),
            "command": command,
            "bundle": BUNDLE,
            "metric": "loss",
            "resources": {"cpus": 1, "memory_mb": memory_mb},
            "grace_seconds": 5.0,
            **train,
        }
        attempts = [
            {"attempt": name, "trial": f"trial-of-{name}", "number": number, "params": params or {"x": 1.5}}
            for number, name in enumerate(ids)
        ]
        attempts = [{**each, "checkpoints": checkpoints} for each in attempts]
        work = {"key": orjson.dumps(document).decode(), "train": document}
        self.slot.submit(orjson.dumps({"work": work, "attempts": attempts, "lease_seconds": 60.0}))
        return ids

    def run(self, function: str | None = None, **how: Any) -> Event:
        """Runs one attempt to its end; its last event."""
        [attempt] = self.submit(function, **how)
        return self.ending(attempt)

    def ending(self, attempt: str) -> Event:
        return self.until(lambda event: event["attempt"] == attempt and event["kind"] in ENDINGS)

    def seen(self, attempt: str, kind: str) -> Event:
        return self.until(lambda event: event["attempt"] == attempt and event["kind"] == kind)

    def until(self, wanted: Callable[[Event], bool]) -> Event:
        """The first event for which this holds, waited for."""
        end = time.monotonic() + PATIENCE
        looked = 0
        while True:
            for event in self.events[looked:]:
                if wanted(event):
                    return event
            looked = len(self.events)
            assert time.monotonic() < end, f"not seen in time; seen: {self.events}"
            self.collect(1.0)

    def collect(self, wait: float) -> None:
        chunk = Chunk.from_bytes(self.slot.collect(self._ack, wait))
        self._ack = chunk.upto
        self.events += [orjson.loads(event) for event in chunk.events]

    def order(self, attempt: str, action: str, grace: float | None = None) -> None:
        self.command({"attempt": attempt, "action": action, "grace_seconds": grace})

    def command(self, order: dict[str, Any]) -> None:
        self.slot.command(orjson.dumps(order))

    def of(self, attempt: str, kind: str) -> list[Event]:
        return [event for event in self.events if event["attempt"] == attempt and event["kind"] == kind]

    def log(self, attempt: str) -> str:
        return "".join(event["text"] for event in self.of(attempt, "log"))
