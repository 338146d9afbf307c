"""Who is killed, when, and what was going on then."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from caviar.storage import attempts
from caviar.storage.database import Database

MARKS: Mapping[str, bytes] = {
    "service": b"caviar.api",
    "agent": b"caviar_workers\0--server",
    "slot": b"ray::",
    "child": b"caviar_workers.runner.child",
}
AIM_SECONDS = 5.0


@dataclass(frozen=True)
class Kill:
    target: str
    pid: int
    state: str
    """What the database said of attempts a moment before: running, leased, or idle."""


class Nemesis:
    """Kills below the supervisor `root` only. The same seed chooses the same targets and aims."""

    def __init__(self, seed: int, root: int, database: Database, kills: Mapping[str, int]) -> None:
        self._random = random.Random(seed)
        self._root, self._database = root, database
        self.plan = [target for target, count in sorted(kills.items()) for _ in range(count)]
        self._random.shuffle(self.plan)

    def pause(self) -> None:
        time.sleep(self._random.uniform(0.3, 2.0))

    def strike(self, target: str) -> Kill | None:
        """None when nobody of that kind is there."""
        state = self._aim(self._random.choice(("running", "running", "leased", "any")))
        there = [pid for pid in descendants(self._root) if is_a(target, pid)]
        if not there:
            return None
        pid = self._random.choice(there)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return Kill(target, pid, state)

    def _aim(self, wanted: str) -> str:
        end = time.monotonic() + AIM_SECONDS
        while True:
            state = self._state()
            if wanted in ("any", state) or time.monotonic() > end:
                return state
            time.sleep(0.005)

    def _state(self) -> str:
        with self._database.read() as snapshot:
            counts = [states for states in attempts.live_counts(snapshot).values() if states]
        kinds = {state for states in counts for state in states}
        return "leased" if "leased" in kinds else "running" if kinds else "idle"


def is_a(target: str, pid: int) -> bool:
    """A process of Ray's shows the class of its actor."""
    said = _cmdline(pid)
    return said.startswith(b"ray::") and b"Slot" in said if target == "slot" else MARKS[target] in said


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (entry / "stat").read_text().rpartition(") ")[2].split()
            if fields[0] not in "ZX":
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, edge = [], [root]
    while edge:
        below = children.get(edge.pop(), [])
        found += below
        edge += below
    return sorted(found)


def _cmdline(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
