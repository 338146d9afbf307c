"""Read endpoints on a large study, and what it costs a live one to be watched.

python -m benchmarks.dashboard [--postgres URL] [--trials 100000] [--repeats 20] [--seconds 20]
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.dashboard_parts.reads import measure, serving
from benchmarks.dashboard_parts.seed import seed
from benchmarks.dashboard_parts.watched import DASHBOARDS, live

from caviar.storage import migrate
from caviar.storage.database import Database

GOAL = 100.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", help="an empty database to fill: postgresql://USER@HOST/NAME")
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each live run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/caviar.db"}
        if given.postgres:
            urls["PostgreSQL"] = given.postgres
        for name, url in urls.items():
            _one(name, url, Path(folder) / name, given)


def _one(name: str, url: str, folder: Path, given: argparse.Namespace) -> None:
    database = Database(url)
    migrate.upgrade(database)
    took = seed(database, "large", given.trials, time.time())
    database.close()
    print(f"\n## {name}: {given.trials:,} trials × 10 parameters × 20 steps, seeded in {took:.0f} s\n")
    with serving(folder, url, lag=0.0) as server:
        _table(measure(server, "large", given.repeats))
    with serving(folder, url, lag=2.0) as server:
        alone = live(server, "alone", given.seconds, 0)
        watched = live(server, "watched", given.seconds, DASHBOARDS)
    print(f"\nlive, alone: {alone[0]:.1f} trials/s, {alone[1]:.1f} ms each")
    print(f"live, {DASHBOARDS} dashboards: {watched[0]:.1f} trials/s, {watched[1]:.1f} ms each")
    print(f"slower by {100 * (1 - watched[0] / alone[0]):.1f}% (goal 5%)")


def _table(rows: list[tuple[str, float, float, float, int]]) -> None:
    print("| endpoint | first, ms | p95, ms | processor, ms | bytes |\n|---|---|---|---|---|")
    for name, first, p95, spent, size in rows:
        missed = "" if p95 <= GOAL else " **missed**"
        print(f"| {name} | {first:.0f} | {p95:.0f}{missed} | {spent:.1f} | {size:,} |")


if __name__ == "__main__":
    main()
