"""Trials that wait at a rung (stopping: {mode: promotion}): who goes on, and what becomes of the rest in the end."""

from caviar.domain.states import Reason, TrialState
from caviar.engine.outcomes import PAUSED_AT_RUNG, PROMOTED, STOPPING_RULE
from caviar.engine.work import Work
from caviar.search.stopping import Promotion, front_runner
from caviar.storage import trials
from caviar.storage.rows import StudyRow, TrialRow

_NOT_PROMOTED = "It was not among the best where it waited, and no other trial will come there."
_IN_ONE_READ = 500


def may_be_promoted(work: Work, study: StudyRow, left: int) -> list[int]:
    """Numbers of the trials that may go on now, best first; `left` trials may still be made of the budget.

    A study that has nothing else to do and no trial trained to its end lets its front runner go on: with few trials
    no rung has enough arrivals to promote one.
    """
    memory = work.memory(study)
    if not memory.at_rung or not isinstance(memory.stopper, Promotion):
        return [] if left else memory.turns()
    found = memory.stopper.promotable(memory.rungs, memory.at_rung)
    if not found and _nothing_else(work, study, left) and not study.completed:
        first = front_runner(memory.rungs, memory.at_rung)
        return [] if first is None else [first]
    return found


def promote(work: Work, study: StudyRow, left: int, most: int) -> list[TrialRow]:
    """Up to `most` trials that wait for an attempt now, to go on from their checkpoints."""
    if most <= 0:
        return []
    numbers = may_be_promoted(work, study, left)[: min(most, _IN_ONE_READ)]
    found = {row.number: row for row in work.add_trials(trials.by_numbers(work.tx, study.id, numbers).values())}
    for number in numbers:
        said = f"Among the best at step {found[number].step or 0:g}: it goes on."
        work.set_trial(found[number], TrialState.WAITING, Reason(PROMOTED, said))
    return [found[number] for number in numbers]


def close_rungs(work: Work, study: StudyRow, left: int) -> None:
    """Stops what waits at rungs once nothing can promote it any more."""
    if study.intent is None and _nothing_else(work, study, left) and not may_be_promoted(work, study, left):
        stop_at_rungs(work, study, Reason(STOPPING_RULE, _NOT_PROMOTED))


def stop_at_rungs(work: Work, study: StudyRow, reason: Reason) -> None:
    """Their last values stand, as those of trials that a rule stops while they run."""
    if not work.memory(study).at_rung:
        return
    work.add_trials(trials.in_states(work.tx, study.id, (TrialState.PAUSED.value,)))
    for trial in list(work.trials.values()):  # with those that were paused in this very transaction
        if trial.study_id == study.id and waits_at_rung(trial):
            work.set_trial(trial, TrialState.STOPPED, reason)


def waits_at_rung(trial: TrialRow) -> bool:
    return trial.state is TrialState.PAUSED and trial.reason_code == PAUSED_AT_RUNG


def _nothing_else(work: Work, study: StudyRow, left: int) -> bool:
    """Whether all that is unfinished waits at a rung, and no trial will be made."""
    waiting = len(work.memory(study).at_rung)
    return waiting > 0 and not left and not study.waiting + study.running and study.paused == waiting
