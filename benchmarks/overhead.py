"""The same work on Caviar, Ray Tune and Optuna in one run: `python -m benchmarks.overhead --repeat 3`.

What counts: the wall time from the submission (`fit`, `optimize`) until every trial is stored, two trials at a time,
random search everywhere. Each contender has what its user would have standing: Caviar its service and its agent,
Ray Tune an initialised Ray, Optuna two processes that have imported it. Peers need benchmarks/requirements.txt; one
that cannot be imported is skipped with a line. `--peers-python` names another interpreter that has them.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path

from benchmarks.overhead_parts import extras
from benchmarks.overhead_parts.programs import ProgramError, empty_database, missing, run_program
from benchmarks.overhead_parts.stack import Stack, standing
from benchmarks.overhead_parts.table import markdown, written
from benchmarks.overhead_parts.works import POOL, WORKS, Contender, Work, contenders, figure, trials_of


class Run:
    """One run of the benchmark. A Caviar stands only while it is measured, so that it takes nothing from the others."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.python: str = arguments.peers_python
        self.postgres: str | None = arguments.postgres
        self.works = [work for work in WORKS if not arguments.work or work.kind in arguments.work]
        self.figures: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def repeat(self, contestants: list[Contender]) -> None:
        for contender in contestants:
            with self._standing(contender) as stack:
                for work in self.works:
                    self._measure(contender, work, stack)

    @contextmanager
    def _standing(self, contender: Contender) -> Iterator[Stack | None]:
        if contender.module:
            yield None
            return
        server = self.postgres if contender.key != "caviar" else None
        with caviar(server) as stack:
            yield stack

    def _measure(self, contender: Contender, work: Work, stack: Stack | None) -> None:
        """The limit is measured beside each contender: on a machine with other work it drifts."""
        trials = trials_of(contender, work.kind)
        pool = self._tried(POOL, work, lambda: self._program(POOL, work)) if work.unit == "pool" else None
        if stack is None:
            seconds = self._tried(contender, work, lambda: self._program(contender, work))
        else:
            seconds = self._tried(contender, work, lambda: stack.run(work.kind, work.kind, trials))
        value = figure(work, trials, seconds, pool) if seconds else None
        if value is not None:
            self.figures[contender.key, work.kind].append(value)
            say(f"  {work.kind:8} {contender.title:34} {written(work, value):>9}   ({seconds:.2f} s)")

    def _program(self, contender: Contender, work: Work) -> float:
        return run_program(contender, work.kind, self.python, self.postgres)

    @staticmethod
    def _tried(contender: Contender, work: Work, measured: Callable[[], float]) -> float | None:
        try:
            return measured()
        except (ProgramError, RuntimeError, TimeoutError) as failed:
            say(f"  {work.kind:8} {contender.title:34} failed: {failed}")
            return None


@contextmanager
def caviar(postgres: str | None) -> Iterator[Stack]:
    """On a database of its own, which goes with it."""
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="cav-")))
        database = exits.enter_context(empty_database(postgres, "overhead_caviar")) if postgres else None
        yield exits.enter_context(standing(folder, database))


def say(line: str) -> None:
    print(line, flush=True)


def chosen(arguments: argparse.Namespace) -> list[Contender]:
    """The contenders asked for whose modules are there; says which are not."""
    found = []
    for contender in contenders(arguments.postgres):
        if arguments.only and contender.key not in arguments.only:
            continue
        lacking = missing(contender, arguments.peers_python) if contender.module else ()
        if lacking:
            say(f"skipped {contender.title}: {', '.join(lacking)} not importable (see benchmarks/requirements.txt)")
        else:
            found.append(contender)
    return found


def print_extras(stack: Stack, strategies: list[str]) -> None:
    say(
        f"POST to the first trial running, agent warm: {extras.first_trial_delay(stack, 'start') * 1000:.0f} ms (≤ 150)"
    )
    for strategy in strategies:
        grown = extras.growth(stack, "grown", strategy)
        say(
            f"cost per trial, {strategy}: {grown.late_ms:.2f} ms at 10,000 against {grown.early_ms:.2f} ms at 100: "
            f"{grown.ratio:.2f} × (≤ 1.3)"
        )
        now, most = extras.service_memory(stack.supervisor)
        say(f"memory of the service after 10,000 trials, {strategy}: {now:.0f} MiB, at most {most:.0f} (≤ 250 MB)")


def heading() -> str:
    versions = ", ".join(f"{name} {_version(name)}" for name in ("caviar", "ray", "optuna", "scikit-learn"))
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} CPUs, load {load:.1f}, Python {platform.python_version()}, {versions}"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def parse() -> argparse.Namespace:
    keys = [contender.key for contender in contenders("any")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", metavar="URL", help="a PostgreSQL server where databases may be made and dropped")
    parser.add_argument("--only", action="append", choices=keys, help="this contender; may be repeated")
    parser.add_argument(
        "--work", action="append", choices=[work.kind for work in WORKS], help="this work; may be repeated"
    )
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-extras", action="store_true", help="without delay, memory and growth")
    parser.add_argument(
        "--growth", action="append", metavar="STRATEGY", help="measure growth with this search (default: random)"
    )
    parser.add_argument("--peers-python", default=sys.executable, help="the interpreter that has the peers")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    say(heading())
    contestants = chosen(arguments)
    run = Run(arguments)
    for number in range(arguments.repeat):
        say(f"repeat {number + 1} of {arguments.repeat}")
        run.repeat(contestants)
    say("\n" + markdown(contestants, run.figures) + "\n")
    if any(contender.key == "caviar" for contender in contestants) and not arguments.no_extras:
        with caviar(None) as stack:
            print_extras(stack, arguments.growth or ["random"])


if __name__ == "__main__":
    main()
