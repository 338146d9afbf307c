"""How long it takes until what is dead, frozen or hanging is known to be: from the signal to the end of the attempt."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.chaos.enduring import enduring
from benchmarks.chaos.history import History
from benchmarks.chaos.kills import has_ended, look, submit
from benchmarks.chaos.stage import marks
from benchmarks.chaos.stage.ray_nodes import PIDS_FILE
from benchmarks.chaos.stage.stage import Setting, Stage, until
from sqlalchemy import select

from caviar.storage.database import Database
from caviar.storage.tables import attempts, late_events

LEASE_SECONDS = 10.0
SILENCE_SECONDS = 3.0
GONE_WITHIN = 5.0
PATIENCE_SECONDS = 600.0
GOALS: Mapping[str, float] = {
    "child killed": 2.0,
    "slot killed": 2.0,
    "node killed": 10.0,
    "node frozen": LEASE_SECONDS + 5.0,
    "machine frozen": LEASE_SECONDS + 5.0,
    "hang": SILENCE_SECONDS + 5.0,
    "gone after the thaw": GONE_WITHIN,
}
"""Seconds. `machine frozen`: agent, slots and all of Ray. `gone after the thaw`: the training code of a frozen node."""


@dataclass
class Detections:
    seconds: dict[str, list[float]] = field(default_factory=dict)
    late: int = 0
    """Events kept as late."""
    found: list[str] = field(default_factory=list)

    def note(self, what: str, seconds: float) -> None:
        self.seconds.setdefault(what, []).append(seconds)

    def missed(self) -> list[str]:
        """Goals that were not kept: on a machine that others load they may not be."""
        worst = {what: max(took) for what, took in self.seconds.items()}
        return [f"{what}: {took:.1f} s, goal {GOALS[what]:g} s" for what, took in worst.items() if took > GOALS[what]]

    def __str__(self) -> str:
        lines = [
            f"{what:20} {len(took):3} times, median {sorted(took)[len(took) // 2]:.2f} s, most {max(took):.2f} s "
            f"(goal {GOALS[what]:g})"
            for what, took in self.seconds.items()
        ]
        return "\n".join([*lines, f"{self.late} events kept as late"])


def detect(folder: Path, times: int, history: History) -> Detections:
    done = Detections()
    here, there, alone = (folder / name for name in ("one", "cluster", "machine"))
    for each in (here, there, alone):
        each.mkdir()
    with _running(here, Setting(lease_seconds=LEASE_SECONDS), history) as (stage, database):
        for _ in range(times):
            _strike(stage, database, done, "child killed", _one_of(stage.children))
            _strike(stage, database, done, "slot killed", _one_of(stage.slots))
        _hangs(stage, database, history, done, times)
    with _running(there, Setting(nodes=2, lease_seconds=LEASE_SECONDS), history) as (stage, database):
        for _ in range(times):
            _strike(stage, database, done, "node killed", lambda: [_raylet(stage)])
        for _ in range(times):
            _freeze_node(stage, database, done)
    with _running(alone, Setting(lease_seconds=LEASE_SECONDS), history) as (stage, database):
        for _ in range(times):
            _freeze_machine(stage, database, done)
    done.found += done.missed()
    return done


@contextmanager
def _running(folder: Path, setting: Setting, history: History) -> Iterator[tuple[Stage, Database]]:
    with enduring(folder, setting, 2, history) as (stage, database):
        yield stage, database


def _strike(stage: Stage, database: Database, done: Detections, what: str, whom: Callable[[], list[int]]) -> None:
    """Kills, and waits for the end of the attempt that this takes."""
    before = _when_all_run(stage, database)
    at = time.time()
    marks.end(whom())
    done.note(what, min(_ended(database, before, 1).values()) - at)


def _freeze_node(stage: Stage, database: Database, done: Detections) -> None:
    """Its raylet, its slots and their children stop, for longer than the lease. They go on, and what ran there ends."""
    before = _when_all_run(stage, database)
    raylet = _raylet(stage)
    slots = [pid for pid in stage.slots() if marks.parent_of(pid) == raylet]
    children = [pid for pid in stage.children() if marks.parent_of(pid) in slots]
    at = time.time()
    marks.end([raylet, *slots, *children], signal.SIGSTOP)
    try:
        done.note("node frozen", min(_ended(database, before, len(slots)).values()) - at)
    finally:
        marks.end([raylet, *slots, *children], signal.SIGCONT)
    _await_gone(children, done)


def _freeze_machine(stage: Stage, database: Database, done: Detections) -> None:
    """All but the service. What is said afterwards is late; nobody can go on before the thaw."""
    before = _when_all_run(stage, database)
    children = stage.children()
    service = stage.parts["service"].pid
    frozen = [pid for pid in marks.marked(stage.mark) if pid != service]
    late = _late(database)
    at = time.time()
    marks.end(frozen, signal.SIGSTOP)
    try:
        done.note("machine frozen", max(_ended(database, before, 2).values()) - at)
    finally:
        marks.end(frozen, signal.SIGCONT)
    _await_gone(children, done)
    try:
        until(lambda: _late(database) > late, "late events are kept", 30.0)
    except TimeoutError as error:
        done.found.append(str(error))
    done.late += _late(database) - late


def _await_gone(children: list[int], done: Detections) -> None:
    def gone() -> bool:
        return not any(marks.is_alive(pid) for pid in children)

    done.note("gone after the thaw", until(gone, f"{children} have gone", PATIENCE_SECONDS))


def _hangs(stage: Stage, database: Database, history: History, done: Detections, times: int) -> None:
    """Trials that go silent after one report; `budget.silence_seconds` ends them."""
    (stage.folder / "flag").touch()
    until(lambda: has_ended(look(stage, history)), "the trials before have ended", PATIENCE_SECONDS)
    budget = {"trials": times, "parallel": 1, "silence_seconds": SILENCE_SECONDS, "grace_seconds": 1.0}
    study = submit(stage, times, "hangs", "hangs", budget=budget, retries=0)["id"]
    until(lambda: has_ended(look(stage, history, "hangs")), "all hanging trials have ended", 60.0 * times)
    rows = select(attempts.c.started_at, attempts.c.ended_at, attempts.c.reason_code)
    with database.read() as snapshot:
        for started, ended, code in snapshot.connection.execute(rows.where(attempts.c.study_id == study)):
            done.note("hang", ended - started)
            done.found += [] if code == "timeout" else [f"a hang is called {code}"]


def _when_all_run(stage: Stage, database: Database) -> set[str]:
    """The two attempts at work, once there are two and their children."""
    seen: list[set[str]] = [set()]

    def two() -> bool:
        rows = select(attempts.c.id).where(attempts.c.state == "running")
        with database.read() as snapshot:
            seen[0] = set(snapshot.connection.scalars(rows))
        return len(seen[0]) == 2 and len(stage.children()) == 2

    until(two, "two trials run", PATIENCE_SECONDS)
    return seen[0]


def _ended(database: Database, before: set[str], count: int) -> dict[str, float]:
    """When those of the attempts ended that did, once they are so many."""
    seen: list[dict[str, float]] = [{}]

    def so_many() -> bool:
        rows = select(attempts.c.id, attempts.c.ended_at).where(attempts.c.id.in_(before), attempts.c.ended_at > 0)
        with database.read() as snapshot:
            seen[0] = {attempt: ended for attempt, ended in snapshot.connection.execute(rows)}  # noqa: C416
        return len(seen[0]) >= count

    until(so_many, f"{count} attempts have ended", PATIENCE_SECONDS)
    return seen[0]


def _one_of(there: Callable[[], list[int]]) -> Callable[[], list[int]]:
    return lambda: [random.choice(there())]


def _raylet(stage: Stage) -> int:
    """Of a node with a trial on it."""
    said = json.loads((stage.folder / "ray" / PIDS_FILE).read_text())
    at_work = {marks.parent_of(marks.parent_of(child)) for child in stage.children()}
    raylets: list[int] = [pid for pid in said["raylets"] if pid in at_work]
    return raylets[0]


def _late(database: Database) -> int:
    with database.read() as snapshot:
        return len(snapshot.connection.execute(select(late_events.c.seq)).all())
