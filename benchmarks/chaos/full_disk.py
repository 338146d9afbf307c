"""A service whose data folder lies on a small disk that runs full, again and again, at another place each time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from benchmarks.chaos.stage.stage import Setting, Stage, staged, until
from benchmarks.chaos.writers import STUDY

SIZE = 64 << 20
STEP = 16 << 10
"""Bytes more that are left free at each level."""
MOST = 2_000
RECOVERS_WITHIN = 30.0


@dataclass
class Filled:
    levels: int = 0
    studies: int = 0
    """Acknowledged."""
    recoveries: list[float] = field(default_factory=list)
    """Seconds from room being made until a write works again."""
    found: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        most = max(self.recoveries, default=0.0)
        return (
            f"{self.levels} levels, {self.studies} studies acknowledged; writes worked again after {most:.2f} s at most"
        )


def fill(folder: Path, levels: int) -> Filled:
    """As root: it mounts a tmpfs of its own."""
    done = Filled()
    data = folder / "data"
    data.mkdir()
    with _mounted(data), staged(folder, Setting(agent=False), lambda *_, **__: None) as stage, stage.client() as http:
        known: list[str] = []
        _submit(http, known)
        for level in range(levels):
            _one_level(http, data, level, known, done)
            done.levels += 1
        done.studies = len(known)
        done.found += _forgotten(http, known) + _integrity(stage)
    return done


def _one_level(http: httpx2.Client, data: Path, level: int, known: list[str], done: Filled) -> None:
    filler = data / "filler"
    _fill_up(filler, level * STEP)
    try:
        status = 201
        for _ in range(MOST):
            status = _submit(http, known)
            if status != 201:
                break
        if status != 507:
            done.found.append(f"level {level}: an answer of {status}, not 507")
        reads = [http.get(path).status_code for path in ("/api/v1/studies", f"/api/v1/studies/{known[0]}")]
        done.found += [f"level {level}: a read answered {status}" for status in reads if status != 200]
    finally:
        filler.unlink()
    done.recoveries.append(until(lambda: _submit(http, known) == 201, "a write works", RECOVERS_WITHIN, 0.02))


def _fill_up(filler: Path, left: int) -> None:
    room = os.statvfs(filler.parent)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - left))


def _submit(http: httpx2.Client, known: list[str]) -> int:
    name = f"study-{len(known)}"
    answer = http.post("/api/v1/studies", json={**STUDY, "name": name, "budget": {"trials": 1}})
    if answer.status_code == 201:
        known.append(name)
    return answer.status_code


def _forgotten(http: httpx2.Client, known: list[str]) -> list[str]:
    lost = [name for name in known if http.get(f"/api/v1/studies/{name}").status_code != 200]
    return [f"I1: study {name} was acknowledged and is gone" for name in lost]


def _integrity(stage: Stage) -> list[str]:
    with stage.reading() as database, database.read() as snapshot:
        said = snapshot.connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    return [] if said == "ok" else [f"the file is damaged: {said}"]


@contextmanager
def _mounted(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
