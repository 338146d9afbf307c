"""Two services on one PostgreSQL, each killed and stopped in turn, while a study of short trials goes on."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.chaos.history import History
from benchmarks.chaos.kills import has_ended, look, submit
from benchmarks.chaos.stage.part import Part
from benchmarks.chaos.stage.stage import Setting, Stage, staged, until
from benchmarks.chaos.verify import violations
from tests.simulation.storm.transitions import watch

GOAL_SECONDS = 15.0
STOPPED_SECONDS = (1.0, 14.0)
MANY = 20_000
"""Trials: more than there is time for. The study is stopped at the end."""
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Turns:
    kills: int
    stops: int
    longest_pause: float
    """Seconds between two answers to the agent that carried events."""
    found: list[str]

    def __str__(self) -> str:
        pause = f"{self.longest_pause:.1f} s (goal {GOAL_SECONDS:g})"
        return f"{self.kills} kills, {self.stops} stops; the longest time without progress was {pause}"


def take_turns(folder: Path, times: int, seed: int, history: History) -> Turns:
    chosen = random.Random(seed)
    setting = Setting(postgres=True, services=2, lease_seconds=10.0)
    with staged(folder, setting, history.say) as stage, stage.reading() as database:
        watch(database)
        submit(stage, MANY)
        until(lambda: history.of("ack"), "the first report", PATIENCE_SECONDS)
        began = time.time()
        for _ in range(times):
            for index in range(2):
                _kill(stage, index, history)
                _stop(stage, index, history, chosen.uniform(*STOPPED_SECONDS))
        pause = _longest_pause(history.of("ack"), began, time.time())
        found = _end(stage, history)
        found += [line for line in violations(database, history, MANY) if not line.startswith(("I2: trial", "I4"))]
    done = [event["act"] for event in history.of("turn")]
    return Turns(done.count("kill"), done.count("stop"), pause, found)


def _kill(stage: Stage, index: int, history: History) -> None:
    _part(stage, index).send(signal.SIGKILL)
    history.say("turn", act="kill", service=index)
    _await_progress(history)
    stage.await_ready(index)


def _stop(stage: Stage, index: int, history: History, seconds: float) -> None:
    """The other one goes on; this one wakes up in the middle of what it did, and must not finish it."""
    part = _part(stage, index)
    part.send(signal.SIGSTOP)
    history.say("turn", act="stop", service=index)
    try:
        time.sleep(seconds)
        _await_progress(history)
    finally:
        part.send(signal.SIGCONT)
    stage.await_ready(index)


def _part(stage: Stage, index: int) -> Part:
    return stage.parts["service" if index == 0 else f"service-{index}"]


def _await_progress(history: History) -> None:
    seen = len(history.of("ack"))
    until(lambda: len(history.of("ack")) > seen, "progress", PATIENCE_SECONDS, pause=0.1)


def _longest_pause(acknowledged: Sequence[dict[str, Any]], began: float, ended: float) -> float:
    times: list[float] = [began, *(event["at"] for event in acknowledged if began < event["at"] < ended), ended]
    return max(after - before for before, after in pairwise(times))


def _end(stage: Stage, history: History) -> list[str]:
    with stage.client() as http:
        http.post("/api/v1/studies/chaos/stop").raise_for_status()
    try:
        until(lambda: has_ended(look(stage, history)), "the study has ended", PATIENCE_SECONDS)
    except TimeoutError as error:
        return [f"I2: {error}"]
    return []
