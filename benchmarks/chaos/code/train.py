"""Trials whose every report follows from their number."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

STEPS = 3


def main(trial: Any) -> dict[str, float]:
    """A fraction of a second."""
    for step in range(1, STEPS + 1):
        time.sleep(0.05 + (trial.number * 7 % 10) * 0.02)
        trial.report(step=step, loss=value_of(trial.number, step))
    return {"loss": value_of(trial.number, STEPS + 1)}


def value_of(number: int, step: int) -> float:
    return (number * 37 % 101) / step


def endures(trial: Any) -> dict[str, float]:
    """Reports on and on until the file of its parameter `flag` is there."""
    step = 0
    while not Path(trial.params["flag"]).exists():
        step += 1
        time.sleep(0.25)
        trial.report(step=step, loss=value_of(trial.number, step))
    return {"loss": value_of(trial.number, step)}


def hangs(trial: Any) -> None:
    """After one report."""
    trial.report(step=1, loss=value_of(trial.number, 1))
    while True:
        time.sleep(60)
