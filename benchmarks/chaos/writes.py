"""Many writers while PostgreSQL is killed, and many on SQLite where nobody may find it locked."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.stage.stage import AGENT, Setting, Stage, staged
from benchmarks.chaos.verify import PERMITTED
from benchmarks.chaos.writers import STUDY, Writer, lost_or_doubled, over_http


@dataclass(frozen=True, slots=True)
class Written:
    rows: int
    """Acknowledged reports."""
    requests: int
    seconds: float
    kills: int
    statuses: Counter[int]
    found: list[str]

    def __str__(self) -> str:
        rate = self.rows / self.seconds
        return (
            f"{self.rows} acknowledged rows in {self.requests} requests, {self.kills} kills, {self.seconds:.0f} s "
            f"({rate:.0f} rows/s); answers {dict(sorted(self.statuses.items()))}"
        )


def write_on_postgres(folder: Path, kills: int, rows: int, seed: int, writers: int = 4) -> Written:
    chosen = random.Random(seed)
    with staged(folder, Setting(postgres=True, agent=False, lease_seconds=120.0), lambda *_, **__: None) as stage:
        assert stage.postgres is not None
        with _writing(stage, writers) as (busy, statuses):
            began, done = time.monotonic(), 0
            while done < kills or _rows(busy) < rows:
                time.sleep(chosen.uniform(0.5, 2.5))
                if done < kills and stage.postgres.kill() is not None:
                    done += 1
                stage.postgres.await_up()
            seconds = time.monotonic() - began
        return _verified(stage, busy, statuses, done, seconds)


def write_on_sqlite(folder: Path, seconds: float, writers: int = 8) -> Written:
    """Any answer but 200 is a violation: nobody takes anything away here."""
    with staged(folder, Setting(agent=False, lease_seconds=120.0), lambda *_, **__: None) as stage:
        with _writing(stage, writers) as (busy, statuses):
            began = time.monotonic()
            with stage.client() as http:
                while time.monotonic() - began < seconds:
                    statuses[http.get("/api/v1/studies").status_code] += 1
            took = time.monotonic() - began
        written = _verified(stage, busy, statuses, 0, took)
        written.found.extend(f"an answer of {status}" for status in statuses if status != 200)
        return written


@contextmanager
def _writing(stage: Stage, count: int) -> Iterator[tuple[Sequence[Writer], Counter[int]]]:
    statuses: Counter[int] = Counter()
    stop, lock = threading.Event(), threading.Lock()

    def note(status: int) -> None:
        with lock:
            statuses[status] += 1

    with stage.client() as http:
        document = {**STUDY, "name": "written", "budget": {"trials": 10 * count}}
        http.post("/api/v1/studies", json=document).raise_for_status()
    url = f"http://127.0.0.1:{stage.ports[0]}"
    writers = [Writer(number, over_http(url, AGENT, note)) for number in range(count)]
    threads = [threading.Thread(target=writer.keep_on, args=(stop,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield writers, statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _verified(stage: Stage, writers: Sequence[Writer], statuses: Counter[int], kills: int, seconds: float) -> Written:
    with stage.reading() as database:
        acknowledged = {writer.attempt: writer.acknowledged for writer in writers if writer.attempt is not None}
        found = lost_or_doubled(database, acknowledged)
    found += [f"I9: an answer of {status}" for status in statuses if status >= 400 and status not in PERMITTED]
    found += [f"writer {writer.number} never got a trial" for writer in writers if writer.attempt is None]
    requests = sum(writer.requests for writer in writers)
    return Written(_rows(writers), requests, seconds, kills, statuses, found)


def _rows(writers: Sequence[Writer]) -> int:
    return sum(max(0, writer.acknowledged - 1) for writer in writers)
