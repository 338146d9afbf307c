"""Trials that tell by the clock what happened to them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

STEP_SECONDS = 0.1
MEGABYTES = 10


def steps(trial: Any) -> None:
    """Without end; each report says when its step began, and with which rate."""
    trial.restore()
    state = Path(trial.folder) / "state"
    for step in trial.steps(1_000_000):
        began, rate = time.time(), trial.params["rate"]
        time.sleep(STEP_SECONDS)
        trial.report(step=step, loss=1.0 / step, began=began, rate=rate)
        if step % 5 == 0:
            state.write_text(str(step))
            trial.checkpoint(state, step=step)


def fills(trial: Any) -> None:
    """Takes a place."""
    for step in trial.steps(1_000_000):
        time.sleep(STEP_SECONDS)
        trial.report(step=step, loss=1.0)


def saves(trial: Any) -> None:
    """A checkpoint of so many megabytes every `every` seconds; reports how long training stood still for it."""
    state = Path(trial.folder) / "model"
    content = os.urandom(MEGABYTES * 1_000_000)
    for step in trial.steps(int(trial.params["times"])):
        time.sleep(trial.params["every"])
        state.write_bytes(content)
        began = time.perf_counter()
        trial.checkpoint(state, step=step)
        trial.report(step=step, loss=1.0, stood=time.perf_counter() - began)
