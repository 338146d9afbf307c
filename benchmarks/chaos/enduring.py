"""Trials that run until they are let go, and whether they go on: in the same process, in the same attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos.code.train import value_of
from benchmarks.chaos.history import History
from benchmarks.chaos.kills import has_ended, look, submit
from benchmarks.chaos.stage.stage import Setting, Stage, staged, until
from sqlalchemy import func, select

from caviar.storage.database import Database
from caviar.storage.tables import attempts, reports

PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Course:
    """`processes`: those of training code. `steps`: how far each attempt has come, by (trial, attempt number)."""

    processes: frozenset[int]
    steps: Mapping[tuple[str, int], float]

    def is_behind(self, later: Course, steps: int = 2) -> bool:
        """Whether each trial has come on since, in a newer attempt or not."""
        before = {trial: step for (trial, _), step in self.steps.items()}
        after = {trial: step for (trial, _), step in later.steps.items()}
        return all(after.get(trial, 0.0) >= step + steps for trial, step in before.items())

    def differences(self, later: Course) -> list[str]:
        found = []
        if self.processes != later.processes:
            found.append(f"other processes: {sorted(self.processes)} were {sorted(later.processes)}")
        if self.steps.keys() != later.steps.keys():
            found.append(f"other attempts: {sorted(self.steps)} were {sorted(later.steps)}")
        return found


@contextmanager
def enduring(folder: Path, setting: Setting, trials: int, history: History) -> Iterator[tuple[Stage, Database]]:
    """So many trials, all at work. They are let go at the end."""
    flag = folder / "flag"
    with staged(folder, setting, history.say) as stage, stage.reading() as database:
        space = {"flag": {"type": "constant", "value": str(flag)}, "x": {"type": "float", "low": 0.0, "high": 1.0}}
        submit(stage, trials, function="endures", space=space, budget={"trials": trials, "parallel": trials})
        until(lambda: len(course(stage, database).steps) == trials, "all trials report", PATIENCE_SECONDS)
        try:
            yield stage, database
        finally:
            flag.touch()


def course(stage: Stage, database: Database) -> Course:
    live = attempts.c.state == "running"
    joined = (
        select(attempts.c.trial_id, attempts.c.number, func.max(reports.c.step))
        .join(reports, (reports.c.trial_id == attempts.c.trial_id) & (reports.c.attempt == attempts.c.number))
        .where(live)
        .group_by(attempts.c.trial_id, attempts.c.number)
    )
    with database.read() as snapshot:
        steps = {(trial, number): step for trial, number, step in snapshot.connection.execute(joined)}
    return Course(frozenset(stage.children()), steps)


def goes_on(stage: Stage, database: Database, before: Course) -> tuple[Course, float]:
    """Once every trial has reported anew, and how many seconds that took."""
    seen = [before]

    def is_on() -> bool:
        seen[0] = course(stage, database)
        return before.is_behind(seen[0])

    seconds = until(is_on, "all trials report again", PATIENCE_SECONDS)
    return seen[0], seconds


def let_go(stage: Stage, database: Database, history: History) -> list[str]:
    """All trials end, each in its first attempt, each report stored once and in its order."""
    (stage.folder / "flag").touch()
    until(lambda: has_ended(look(stage, history)), "the study has ended", PATIENCE_SECONDS)
    study = look(stage, history)
    found = [] if study["state"] == "completed" else [f"the study is {study['state']}: {study['counts']}"]
    rows = select(reports.c.trial_id, reports.c.attempt, reports.c.step, reports.c.value)
    with database.read() as snapshot:
        stored = list(snapshot.connection.execute(rows.order_by(reports.c.trial_id, reports.c.attempt, reports.c.seq)))
    by_trial: dict[str, list[float]] = {}
    for trial, attempt, step, _ in stored:
        by_trial.setdefault(trial, []).append(step)
        found += [f"trial {trial} has an attempt {attempt}"] if attempt != 1 else []
    for trial, steps in by_trial.items():
        if steps != [float(step) for step in range(1, len(steps) + 1)]:
            found.append(f"trial {trial} has the steps {steps}")
    values = {value_of(number, 1) for number in range(len(by_trial))}
    first = {value for _, _, step, value in stored if step == 1.0}
    return found + ([] if first == values else [f"first values {first}, not {values}"])
