"""A trial of a fraction of a second whose every report follows from its number."""

from __future__ import annotations

import time
from typing import Any

STEPS = 3


def main(trial: Any) -> dict[str, float]:
    for step in range(1, STEPS + 1):
        time.sleep(0.05 + (trial.number * 7 % 10) * 0.02)
        trial.report(step=step, loss=value_of(trial.number, step))
    return {"loss": value_of(trial.number, STEPS + 1)}


def value_of(number: int, step: int) -> float:
    return (number * 37 % 101) / step
