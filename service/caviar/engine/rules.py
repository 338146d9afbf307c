"""The rules of a study's schedule, followed as its trials report: what they change is a nudge like any other."""

from caviar.domain.schedule import ScheduleRule
from caviar.engine.memory import StudyMemory
from caviar.engine.nudges import BY_RULE, new_nudge, pending, send
from caviar.engine.work import Work
from caviar.search.schedules import Progress, changes, due
from caviar.storage import nudges, trials
from caviar.storage.rows import AttemptRow, NudgeRow, TrialRow

AUTHOR = "rule "
"""Followed by the rule's place in the study, from 1."""


def follow_rules(work: Work, attempt: AttemptRow, trial: TrialRow, step: float, loss: float | None) -> None:
    """After a report: `loss` is minimised, None where it is not finite."""
    memory = work.memory(work.studies[trial.study_id])
    progress = memory.progress.get(trial.number)
    if progress is None:
        progress = memory.progress[trial.number] = _so_far(work, trial, memory)
    progress.report(step, loss)
    for index in due(memory.spec.rules, progress):
        progress.fired.setdefault(index, []).append(step)
        _fire(work, attempt, trial, memory, index)


def _fire(work: Work, attempt: AttemptRow, trial: TrialRow, memory: StudyMemory, index: int) -> None:
    rule = memory.spec.rules[index]
    before = pending(work, trial)
    new = changes(rule, before, memory.spec.space)
    if new:
        old = {name: before[name] for name in new}
        author = f"{AUTHOR}{index + 1}"
        nudge = new_nudge(work, trial, author=author, origin=BY_RULE, note=_words(rule), old=old, new=dict(new))
        send(work, nudge, trial, attempt)


def _so_far(work: Work, trial: TrialRow, memory: StudyMemory) -> Progress:
    """From what was stored before this transaction."""
    progress = Progress()
    for report in trials.reports_of(work.tx, trial.id):
        progress.report(report.step, None if report.value is None else memory.sign * report.value)
    for nudge in [*_before_twin(work, trial), *nudges.of_trial(work.tx, trial.id)]:
        if nudge.origin == BY_RULE and nudge.made_after is not None:
            index = int(nudge.author.removeprefix(AUTHOR)) - 1
            progress.fired.setdefault(index, []).append(nudge.made_after)
    return progress


def _before_twin(work: Work, trial: TrialRow) -> list[NudgeRow]:
    """What had been changed of the trial that this one is a copy of: its parameters began with that."""
    original = None if trial.parent is None else trials.by_number(work.tx, trial.study_id, trial.parent)
    rows = [] if original is None else nudges.of_trial(work.tx, original.id)
    made = next((place for place, nudge in enumerate(rows) if nudge.twin == trial.number), 0)
    return rows[:made]


def _words(rule: ScheduleRule) -> str:
    when = rule.when
    return f"after step {when.step:g}" if when.step is not None else f"no improvement for {when.plateau:g} steps"
