"""A process that writes to SQLite in eight threads is killed in the middle of it, again and again."""

from __future__ import annotations

import os
import random
import select as waiting
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.chaos.writers import STUDY, Writer, lost_or_doubled

from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.storage import migrate
from caviar.storage.database import Database
from caviar_workers.protocol import SyncRequest

WRITERS = 8
LEASE_SECONDS = 3_600.0
FULL_CHECK_EVERY = 50


@dataclass
class Struck:
    kills: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    """By attempt, the last sequence number that a writer was told is stored."""
    found: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.kills} kills, {sum(self.acknowledged.values())} acknowledged events"


def strike_sqlite(folder: Path, kills: int, seed: int) -> Struck:
    path = folder / "caviar.db"
    url = f"sqlite:///{path}"
    _prepare(url)
    chosen, done = random.Random(seed), Struck()
    lives: dict[int, tuple[str, int]] = {}
    for life in range(1, kills + 1):
        for number, attempt, seq in _one_life(url, life, dict(lives), chosen.uniform(0.02, 0.3), done):
            lives[number] = (attempt, seq)
        done.kills += 1
        done.acknowledged |= dict(lives.values())
        done.found += _checked(path, lives, full=life % FULL_CHECK_EVERY == 0)
    database = Database(url)
    done.found += lost_or_doubled(database, done.acknowledged)
    database.close()
    return done


def _prepare(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    with Engine(database, lease_seconds=LEASE_SECONDS).work(time.time()) as work:
        commands.create_study(work, {**STUDY, "budget": {"trials": 10 * WRITERS}})
    database.close()


def _one_life(
    url: str, life: int, known: dict[int, tuple[str, int]], seconds: float, done: Struck
) -> Iterator[tuple[int, str, int]]:
    """A process that writes until it is killed, `seconds` after its first answer; what it was answered."""
    hear, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(hear)
            _write(url, life, known, say)
        finally:
            os._exit(1)
    os.close(say)
    said = os.read(hear, 1 << 16)
    waiting.select([], [], [], seconds)
    os.kill(pid, signal.SIGKILL)
    while chunk := os.read(hear, 1 << 16):
        said += chunk
    os.waitpid(pid, 0)
    os.close(hear)
    for line in said.decode().splitlines():
        number, _, rest = line.partition(" ")
        if number == "error":
            done.found.append(f"a writer was told: {rest[:300]}")
        else:
            attempt, seq = rest.split(" ")
            yield int(number), attempt, int(seq)


def _write(url: str, life: int, known: dict[int, tuple[str, int]], say: int) -> None:
    """In the process to be killed. A line for each answer: writer, attempt, sequence number; or the error."""
    database = Database(url)
    engine = Engine(database, lease_seconds=LEASE_SECONDS)

    def send(agent: str, body: dict[str, Any]) -> dict[str, Any]:
        request = SyncRequest.model_validate(body)
        return engine.sync(agent, request, time.time()).response.model_dump(mode="json")

    def keep_on(writer: Writer) -> None:
        try:
            while True:
                writer.once()
                if writer.attempt is not None:
                    os.write(say, f"{writer.number} {writer.attempt} {writer.acknowledged}\n".encode())
        except Exception as error:  # noqa: BLE001  whatever it is, it is told
            os.write(say, f"error {type(error).__name__}: {error}\n".replace("\n", " ").encode() + b"\n")

    for number in range(WRITERS):
        attempt, seq = known.get(number, (None, 0))
        writer = Writer(number, send, together=5, life=life, attempt=attempt, acknowledged=seq)
        writer.held = [attempt] if attempt else []
        threading.Thread(target=keep_on, args=(writer,), daemon=True).start()
    threading.Event().wait()


def _checked(path: Path, lives: dict[int, tuple[str, int]], *, full: bool) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        check = "integrity_check" if full else "quick_check"
        said = [row[0] for row in connection.execute(f"PRAGMA {check}")]
        stored = dict(connection.execute("SELECT id, last_seq FROM attempts").fetchall())
    finally:
        connection.close()
    lost = [attempt for attempt, seq in lives.values() if stored.get(attempt, -1) < seq]
    return [f"the file is damaged: {said[:3]}" for _ in [0] if said != ["ok"]] + [f"I1: {each} lost" for each in lost]
