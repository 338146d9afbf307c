"""Read endpoints on a large study, and what it costs a live one to be watched.

python -m benchmarks.dashboard [--postgres URL] [--trials 100000] [--repeats 20] [--seconds 20] [--keep FOLDER]
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.dashboard_parts.reads import exported, measure, serving
from benchmarks.dashboard_parts.seed import seed
from benchmarks.dashboard_parts.watched import DASHBOARDS, live

from caviar.storage import migrate, studies
from caviar.storage.database import Database

GOAL = 100.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", help="a database to fill, empty at first: postgresql://USER@HOST/NAME")
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each live run; 0 leaves them out")
    parser.add_argument("--keep", type=Path, help="where the SQLite file stays: seeding takes minutes, once")
    given = parser.parse_args()
    with _folder(given.keep) as folder:
        urls = {"SQLite": f"sqlite:///{folder}/caviar.db"}
        if given.postgres:
            urls["PostgreSQL"] = given.postgres
        for name, url in urls.items():
            _one(name, url, folder / name, given)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _one(name: str, url: str, folder: Path, given: argparse.Namespace) -> None:
    took = _seeded(url, given.trials)
    print(f"\n## {name}: {given.trials:,} trials × 10 parameters × 20 steps, {took}\n", flush=True)
    with serving(folder, url, lag=0.0) as server:
        _table(measure(server, "large", given.repeats))
        print("\n| export | seconds | MB | service's memory before and at its most, MB |\n|---|---|---|---|")
        for form, seconds, size, before, most in exported(server, "large"):
            print(f"| {form} | {seconds:.1f} | {size / 1e6:.0f} | {before:.0f}, {most:.0f} |", flush=True)
    if not given.seconds:
        return
    with serving(folder, url, lag=2.0) as server:
        alone = live(server, f"alone-{time.time():.0f}", given.seconds, 0)
        watched = live(server, f"watched-{time.time():.0f}", given.seconds, DASHBOARDS)
    print(f"\nlive, alone: {alone[0]:.1f} trials/s, {alone[1]:.1f} ms each")
    print(f"live, {DASHBOARDS} dashboards: {watched[0]:.1f} trials/s, {watched[1]:.1f} ms each")
    print(f"slower by {100 * (1 - watched[0] / alone[0]):.1f}% (goal 5%)")


def _seeded(url: str, trials: int) -> str:
    database = Database(url)
    try:
        migrate.upgrade(database)
        with database.read() as snapshot:
            if studies.find(snapshot, "large") is not None:
                return "seeded before"
        return f"seeded in {seed(database, 'large', trials, time.time()):.0f} s"
    finally:
        database.close()


def _table(rows: list[tuple[str, float, float, float, int]]) -> None:
    print("| endpoint | first, ms | p95, ms | processor, ms | bytes |\n|---|---|---|---|---|")
    for name, first, p95, spent, size in rows:
        missed = "" if p95 <= GOAL else " **missed**"
        print(f"| {name} | {first:.0f} | {p95:.0f}{missed} | {spent:.1f} | {size:,} |")


if __name__ == "__main__":
    main()
