"""One study of short trials, while what it stands on is killed again and again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.chaos.history import History
from benchmarks.chaos.nemesis import Nemesis
from benchmarks.chaos.stage import marks
from benchmarks.chaos.stage.stage import Setting, Stage, staged, until
from benchmarks.chaos.verify import violations
from tests.simulation.storm.transitions import watch

CODE = Path(__file__).parent / "code"
STUCK_SECONDS = 600.0
"""Without a trial that ends, the last kill being past: then something is stuck."""
LEFTOVER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Siege:
    setting: Setting
    kills: Mapping[str, int]
    trials: int
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    hits: Mapping[tuple[str, str], int]
    """Kills by target and by what went on."""
    missed: int
    seconds: float
    trials: int
    found: list[str]
    """The violations."""

    def __str__(self) -> str:
        lines = [f"{target:8} killed while {state:8} {count:4}" for (target, state), count in sorted(self.hits.items())]
        kills = sum(self.hits.values())
        return "\n".join([*lines, f"{self.trials} trials, {kills} kills, {self.missed} missed, {self.seconds:.0f} s"])


def besiege(folder: Path, siege: Siege, history: History) -> Outcome:
    began = time.monotonic()
    with staged(folder, siege.setting, history.say) as stage, stage.reading() as database:
        watch(database)
        submit(stage, siege.trials)
        nemesis = Nemesis(siege.seed, stage, database, siege.kills)
        _storm(nemesis, stage, history)
        found = _calm(stage, history)
        found += orphans(stage)
        stage.close()
        if stage.postgres is not None:
            stage.postgres.start()
        found += violations(database, history, siege.trials)
    found += [f"I6: processes are left: {left}"] if (left := marks.marked(stage.mark)) else []
    kills = history.of("kill")
    hits = Counter((kill["target"], kill["state"]) for kill in kills)
    return Outcome(hits, len(history.of("missed")), time.monotonic() - began, siege.trials, found)


def submit(stage: Stage, trials: int, name: str = "chaos", function: str = "main", **more: Any) -> dict[str, Any]:
    with stage.client() as http:
        document = {
            "name": name,
            "metric": {"name": "loss", "goal": "minimize"},
            "train": {"function": f"train:{function}"},
            "code": {"bundle": stage.bundle(http, CODE)},
            "space": {"x": {"type": "float", "low": 0.0, "high": 1.0}},
            "search": {"strategy": "random", "seed": 1},
            "retries": 10,
            "budget": {"trials": trials},
            **more,
        }
        made: dict[str, Any] = http.post("/api/v1/studies", json=document).raise_for_status().json()
        return made


def look(stage: Stage, history: History, name: str = "chaos") -> dict[str, Any]:
    """What the service says of the study, {} when it is not there to say it."""
    with suppress(httpx2.HTTPError), stage.client() as http:
        answer = http.get(f"/api/v1/studies/{name}", timeout=30.0)
        history.say("answer", status=answer.status_code, of="read")
        if answer.status_code == 200:
            study: dict[str, Any] = answer.json()
            return study
    return {}


def has_ended(study: Mapping[str, Any]) -> bool:
    return study.get("state") in ("completed", "failed", "cancelled")


def _storm(nemesis: Nemesis, stage: Stage, history: History) -> None:
    for strike in nemesis.plan:
        nemesis.pause()
        if has_ended(look(stage, history)):
            history.say("missed", target=strike.target, why="all was done")
        elif (kill := nemesis.strike(strike)) is None:
            history.say("missed", target=strike.target, why="nobody was there")
        else:
            history.say("kill", target=kill.target, pid=kill.pid, state=kill.state, aimed_at=strike.aimed_at)


def _calm(stage: Stage, history: History) -> list[str]:
    """Until the study has ended; what it was when nothing moved any more (I2)."""
    seen, since = -1, time.monotonic()
    study: dict[str, Any] = {}
    while time.monotonic() - since < STUCK_SECONDS:
        study = look(stage, history) or study
        if has_ended(study):
            return []
        ended = sum((study.get("counts") or {}).get(state, 0) for state in ("completed", "failed", "infeasible"))
        if ended != seen:
            seen, since = ended, time.monotonic()
        time.sleep(0.3)
    return [f"I2: nothing moves: {study.get('state')}, {study.get('counts')}"]


def orphans(stage: Stage) -> list[str]:
    """Training code whose slot has gone, some time after the study's end (I6)."""

    def none_is_left() -> bool:
        slots = set(stage.slots())
        return all(marks.parent_of(child) in slots for child in stage.children())

    try:
        until(none_is_left, "no child without a slot", LEFTOVER_SECONDS)
    except TimeoutError:
        return [f"I6: children without a slot: {stage.children()}, slots {stage.slots()}"]
    return []
