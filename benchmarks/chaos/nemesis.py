"""Who is killed, when, and what was going on then."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice

from benchmarks.chaos.aim import STATES, aim
from benchmarks.chaos.stage import marks
from benchmarks.chaos.stage.ray_nodes import PIDS_FILE
from benchmarks.chaos.stage.stage import Stage

from caviar.storage.database import Database

BACK_SECONDS = 60.0
"""How long a target that is just coming back is waited for."""


@dataclass(frozen=True, slots=True)
class Strike:
    target: str
    aimed_at: str


@dataclass(frozen=True, slots=True)
class Kill:
    target: str
    pid: int
    state: str
    """What the database said a moment before."""


class Nemesis:
    """SIGKILL, to processes of the stage only. The same seed chooses the same targets, aims and pauses."""

    def __init__(self, seed: int, stage: Stage, database: Database, kills: Mapping[str, int]) -> None:
        self._random = random.Random(seed)
        self._stage, self._database = stage, database
        self.plan = [
            Strike(target, state)
            for target, count in sorted(kills.items())
            for state in islice(cycle(STATES), count)
        ]  # fmt: skip
        self._random.shuffle(self.plan)

    def pause(self) -> None:
        time.sleep(self._random.uniform(0.1, 1.0))

    def strike(self, strike: Strike) -> Kill | None:
        """None when nobody of that kind is there."""
        until = time.monotonic() + BACK_SECONDS
        while not self._pids(strike.target) and time.monotonic() < until:
            time.sleep(0.05)
        state = aim(self._database, strike.aimed_at)
        if strike.target == "postgres":
            killed = self._stage.postgres.kill() if self._stage.postgres else None
            return None if killed is None else Kill(strike.target, killed, state)
        there = self._pids(strike.target)
        if not there:
            return None
        pid = self._random.choice(there)
        marks.end([pid], signal.SIGKILL)
        return Kill(strike.target, pid, state)

    def _pids(self, target: str) -> list[int]:
        return PEOPLE[target](self._stage)


def _part(name: str) -> Callable[[Stage], list[int]]:
    return lambda stage: [pid] if (pid := stage.parts[name].pid) is not None else []


def _of_ray(stage: Stage, name: str) -> list[int]:
    """As it was written down when the nodes came up; a process that has gone meanwhile is not hit."""
    try:
        said = json.loads((stage.folder / "ray" / PIDS_FILE).read_text())
    except OSError:
        return []
    pids = said[name] if isinstance(said[name], list) else [said[name]]
    return [pid for pid in pids if f"{marks.MARK}={stage.mark}".encode() in marks.environment_of(pid)]


PEOPLE: Mapping[str, Callable[[Stage], list[int]]] = {
    "service": _part("service"),
    "agent": _part("agent"),
    "postgres": _part("postgres"),
    "slot": Stage.slots,
    "child": Stage.children,
    "raylet": lambda stage: _of_ray(stage, "raylets"),
    "head": lambda stage: _of_ray(stage, "gcs"),
}
