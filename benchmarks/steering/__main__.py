"""`python -m benchmarks.steering [--repeats 10] [--every 5]`: from a nudge to its effect, from a pause to going on upon
another node, and what checkpoints of 10 MB cost. The median and the range of the repeats."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.chaos.stage.stage import Setting, staged
from benchmarks.steering.code.train import MEGABYTES, STEP_SECONDS
from benchmarks.steering.measures import Bench, move, nudge, save

CODE = Path(__file__).parent / "code"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.steering", description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one checkpoint to the next")
    given = parser.parse_args(arguments)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {given.repeats} repeats")
    with ExitStack() as standing:
        folder = standing.enter_context(tempfile.TemporaryDirectory(prefix="caviar-steering-"))
        stage = standing.enter_context(staged(Path(folder), Setting(nodes=2), lambda *_, **__: None))
        http = standing.enter_context(stage.client())
        measure(Bench(http, stage.bundle(http, CODE)), given.repeats, given.every)
    return 0


def measure(bench: Bench, repeats: int, every: float) -> None:
    trial = bench.submit("steered", "steps", 0.0, 1.0)
    nudges = [nudge(bench, trial, (index + 1) / (repeats + 2)) - STEP_SECONDS for index in range(repeats)]
    show("nudge: from the request to its first step, beyond one step (goal 200 ms)", nudges)
    freed, went_on = zip(*(move(bench, "steered", index) for index in range(repeats)), strict=True)
    show("pause: until the place is free, a step included", freed)
    show("resume: until it goes on upon the other node", went_on)
    show("both", [sum(each) for each in zip(freed, went_on, strict=True)])
    stood = save(bench, every, repeats)
    show(f"checkpoint of {MEGABYTES} MB", stood)
    print(f"one every {every:g} s costs {statistics.median(stood) / every:.2%} of the time (goal 2%)")


def show(what: str, seconds: Sequence[float]) -> None:
    low, high = min(seconds) * 1e3, max(seconds) * 1e3
    print(f"{what}: {statistics.median(seconds) * 1e3:.0f} ms ({low:.0f} to {high:.0f})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
