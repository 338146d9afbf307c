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


def main() -> int:
    options = _options()
    history = History(options.history)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        found = options.act(options, folder, history)
        if found and options.keep:
            _keep_logs(folder, options.keep)
    print("\n".join(found) or "all invariants hold")
    return 1 if found else 0


def _kills(options: argparse.Namespace, folder: Path, history: History) -> list[str]:
    kills = {target: round(count * options.share) for target, count in PARTS[options.part].items()}
    nodes = 2 if options.part in ("all", "ray") else 0
    setting = Setting(postgres=not options.sqlite, nodes=nodes)
    outcome = besiege(folder, Siege(setting, kills, options.trials, options.seed), history)
    _print(outcome)
    return outcome.found


def _restart(options: argparse.Namespace, folder: Path, history: History) -> list[str]:
    done = restart(folder, options.trials, options.times, history)
    print(done)
    return done.found


def _detect(options: argparse.Namespace, folder: Path, history: History) -> list[str]:
    done = detect(folder, options.times, history)
    print(done)
    return done.found + done.missed()


def _writes(options: argparse.Namespace, folder: Path, _history: History) -> list[str]:
    written = write_on_postgres(folder, options.kills, options.rows, options.seed)
    print(written)
    return written.found


def _locks(options: argparse.Namespace, folder: Path, _history: History) -> list[str]:
    written = write_on_sqlite(folder, options.seconds)
    print(written)
    return written.found


def _sqlite(options: argparse.Namespace, folder: Path, _history: History) -> list[str]:
    struck = strike_sqlite(folder, options.kills, options.seed)
    print(struck)
    return struck.found


def _full(options: argparse.Namespace, folder: Path, _history: History) -> list[str]:
    filled = fill(folder, options.levels)
    print(filled)
    return filled.found


def _replicas(options: argparse.Namespace, folder: Path, history: History) -> list[str]:
    turns = take_turns(folder, options.times, options.seed, history)
    print(turns)
    return turns.found


def _print(outcome: Outcome) -> None:
    for (target, state), count in sorted(outcome.hits.items()):
        print(f"{target:8} killed while {state:8} {count:4}")
    kills = sum(outcome.hits.values())
    print(f"{outcome.trials} trials, {kills} kills, {outcome.missed} missed, {outcome.seconds:.0f} s")


def _keep_logs(folder: Path, kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    acts = parser.add_subparsers(required=True)

    def act(name: str, what: Callable[[argparse.Namespace, Path, History], list[str]]) -> argparse.ArgumentParser:
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
    restarts = act("restart", _restart)
    restarts.add_argument("--times", type=int, default=50)
    restarts.add_argument("--trials", type=int, default=8)
    act("detect", _detect).add_argument("--times", type=int, default=20)
    writes = act("writes", _writes)
    writes.add_argument("--kills", type=int, default=50)
    writes.add_argument("--rows", type=int, default=100_000)
    act("locks", _locks).add_argument("--seconds", type=float, default=60.0)
    act("sqlite", _sqlite).add_argument("--kills", type=int, default=500)
    act("full", _full).add_argument("--levels", type=int, default=50)
    act("replicas", _replicas).add_argument("--times", type=int, default=50)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
