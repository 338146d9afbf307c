"""`python -m benchmarks.chaos SUBCOMMAND`: real processes, really killed. Exits with 1 when an invariant is violated.

kills   [--part all|caviar|ray|postgres] [--trials 2000] [--share 1.0] [--seed 1] [--sqlite] [--history FILE]
restart [--times 50] [--trials 8]
detect  [--times 20]
writes  [--kills 50] [--rows 100000]   PostgreSQL killed under writers
locks   [--seconds 60]                 eight writers on SQLite
sqlite  [--kills 500]                  SQLite killed in the middle of writes
full    [--levels 50]                  a disk that runs full (as root)
replicas [--times 50]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from benchmarks.chaos.detection import detect
from benchmarks.chaos.full_disk import fill
from benchmarks.chaos.history import History
from benchmarks.chaos.kills import Outcome, Siege, besiege
from benchmarks.chaos.replicas import take_turns
from benchmarks.chaos.restarts import restart
from benchmarks.chaos.sqlite_kills import strike_sqlite
from benchmarks.chaos.stage.stage import Setting
from benchmarks.chaos.writes import write_on_postgres, write_on_sqlite

CAVIAR = {"service": 60, "agent": 30, "slot": 30, "child": 30}
RAY = {"raylet": 20, "head": 10}
POSTGRES = {"postgres": 20}
PARTS = {"all": {**CAVIAR, **RAY, **POSTGRES}, "caviar": CAVIAR, "ray": RAY, "postgres": POSTGRES}


class Done(Protocol):
    """It prints its figures."""

    @property
    def found(self) -> list[str]:
        """What was violated."""


Act = Callable[[argparse.Namespace, Path, History], Done]


def main() -> int:
    options = _options()
    history = History(options.history)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        done = options.act(options, folder, history)
        print(done)
        found = done.found
        if found and options.keep:
            _keep_logs(folder, options.keep)
    print("\n".join(found) or "all invariants hold")
    return 1 if found else 0


def _kills(options: argparse.Namespace, folder: Path, history: History) -> Outcome:
    kills = {target: round(count * options.share) for target, count in PARTS[options.part].items()}
    nodes = 2 if options.part in ("all", "ray") else 0
    setting = Setting(postgres=not options.sqlite, nodes=nodes)
    return besiege(folder, Siege(setting, kills, options.trials, options.seed), history)


def _keep_logs(folder: Path, kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    acts = parser.add_subparsers(required=True)

    def act(name: str, what: Act) -> argparse.ArgumentParser:
        one = acts.add_parser(name)
        one.set_defaults(act=what)
        one.add_argument("--history", type=Path, help="write what happened as JSON lines")
        one.add_argument("--seed", type=int, default=1)
        one.add_argument("--keep", type=Path, help="where logs are kept when something was violated")
        return one

    kills = act("kills", _kills)
    kills.add_argument("--part", choices=PARTS, default="all")
    kills.add_argument("--trials", type=int, default=2_000)
    kills.add_argument("--share", type=float, default=1.0, help="of the kills")
    kills.add_argument("--sqlite", action="store_true")
    restarts = act("restart", lambda given, folder, history: restart(folder, given.trials, given.times, history))
    restarts.add_argument("--times", type=int, default=50)
    restarts.add_argument("--trials", type=int, default=8)
    detections = act("detect", lambda given, folder, history: detect(folder, given.times, history))
    detections.add_argument("--times", type=int, default=20)
    writes = act("writes", lambda given, folder, _: write_on_postgres(folder, given.kills, given.rows, given.seed))
    writes.add_argument("--kills", type=int, default=50)
    writes.add_argument("--rows", type=int, default=100_000)
    locks = act("locks", lambda given, folder, _: write_on_sqlite(folder, given.seconds))
    locks.add_argument("--seconds", type=float, default=60.0)
    struck = act("sqlite", lambda given, folder, _: strike_sqlite(folder, given.kills, given.seed))
    struck.add_argument("--kills", type=int, default=500)
    filled = act("full", lambda given, folder, _: fill(folder, given.levels))
    filled.add_argument("--levels", type=int, default=50)
    replicas = act("replicas", lambda given, folder, history: take_turns(folder, given.times, given.seed, history))
    replicas.add_argument("--times", type=int, default=50)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
