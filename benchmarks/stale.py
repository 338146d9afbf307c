"""`python -m benchmarks.stale [--seeds 10] [--from 0]`: how often the verdict on an old result is right.

Each seed tunes the linear classifier of examples/stale by 40 trials, then asks canaries on another split of the same
data (still good) and on pixels of another unit (stale). No server: the same search, canary and verdict are called.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.quality.drifting import SPACE, loss

from caviar import Search
from caviar.domain.space import Space
from caviar.domain.spec import Retune
from caviar.engine.canary import Known, planned
from caviar.engine.verdict import Sample, Verdict, judge

SCENES: Mapping[str, tuple[float, bool]] = {
    "another split": (1.0, False),
    "pixels of 0..4": (1 / 4, True),
    "pixels of 0..1": (1 / 16, True),
}
"""Name to the pixels' unit, and whether the old result is stale then."""
TRIALS = 40


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.stale", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--from", type=int, default=0, dest="first")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, seeds {given.first} to {given.first + given.seeds - 1}", flush=True)
    right: Counter[str] = Counter()
    for seed in range(given.first, given.first + given.seeds):
        known = tuned(seed)
        for scene, (unit, is_stale) in SCENES.items():
            verdict = looked_at(seed, known, Drifted(seed + 1000, unit))
            right[scene] += verdict.stale is is_stale
            said = "stale" if verdict.stale else "still good"
            print(f"seed {seed}, {scene}: {said}{'' if verdict.stale is is_stale else ' (WRONG)'}; {verdict.why}")
    for scene in SCENES:
        print(f"{scene}: right {right[scene]} of {given.seeds}")
    return 0


@dataclass(frozen=True, slots=True)
class Drifted:
    """The training on other data."""

    split: int
    unit: float

    def __call__(self, params: Mapping[str, Any], number: int) -> float:
        return loss(params, number, self.split, self.unit)


def tuned(seed: int) -> list[Known]:
    search, space = Search(SPACE, strategy="coarse_to_fine", seed=seed, trials=TRIALS), Space(dict(SPACE))
    known = []
    for _ in range(TRIALS // 4):
        for each in search.ask(4):
            found = loss(each.params, each.number, seed, 1.0)
            search.tell(each.number, found)
            known.append(Known(each.number, each.params, space.encode(each.params), found))
    return known


def looked_at(seed: int, known: list[Known], train: Drifted) -> Verdict:
    samples, number = [], 0
    for each in planned(Space(dict(SPACE)), known, Retune(), seed):
        losses = tuple(train(each.params, number + repeat) for repeat in range(each.repeats))
        number += each.repeats
        samples.append(Sample(each.role, each.trial, each.loss, losses))
    verdict = judge(samples)
    assert verdict is not None
    return verdict


if __name__ == "__main__":
    sys.exit(main())
