"""What people ask for of one trial: to pause, to go on, to train with other parameters. The caller commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from caviar.domain.editing import of_space
from caviar.domain.errors import Conflict, InvalidInput, Problem, pointer
from caviar.domain.states import Reason, TrialState, is_terminal
from caviar.engine.checkpoints import goes_on_from
from caviar.engine.commands import locked, locked_trial, pause_study, resume_study
from caviar.engine.lease import new_trial
from caviar.engine.nudges import new_nudge, pending, send
from caviar.engine.outcomes import PAUSED_BY_HAND, PAUSED_WITH_STUDY, PAUSING, RESUMED
from caviar.engine.promotion import waits_at_rung
from caviar.engine.settle import settle
from caviar.engine.stop_orders import ask_to_stop
from caviar.engine.work import Work
from caviar.search.searcher import Suggestion
from caviar.storage import attempts, nudges, trials
from caviar.storage.rows import AttemptRow, NudgeRow, StudyRow, TrialRow

NO_CHECKPOINT = "It has no checkpoint: when it is resumed it begins again with its first step."


@dataclass(frozen=True, slots=True)
class NudgeOrder:
    """`params` are those to change. `author` is who says so."""

    params: Mapping[str, Any]
    note: str = ""
    author: str = ""
    twin: bool = False


@dataclass(frozen=True, slots=True)
class Nudging:
    nudge: NudgeRow
    twin: TrialRow | None
    warning: str | None


def pause_trial(work: Work, trial_id: str, *, restart: bool) -> tuple[TrialRow, str | None]:
    """Frees the trial's place until it is resumed; also says what that will cost. Raises Conflict for a trial that has
    ended, and for one that would begin again where `restart` does not allow that."""
    trial = locked_trial(work, trial_id)
    if trial.state is TrialState.PAUSED:
        if waits_at_rung(trial):
            work.set_reason(trial, Reason(PAUSED_BY_HAND, "Paused by hand, where it waited at a rung."))
        return trial, None
    _require_unfinished(trial)
    warning, attempt = None, _live(work, trial)
    by_agent = attempt is not None and attempt.agent_id is not None
    if by_agent and trial.state is TrialState.RUNNING and not goes_on_from(work, trial):
        warning = NO_CHECKPOINT
        if not restart:
            said = f"Trial {trial.number} was not paused. {NO_CHECKPOINT}"
            hint = 'Pause it all the same with {"restart": true}, in the CLI --restart.'
            raise Conflict(said, code="no_checkpoint", hint=hint)
    _pause(work, trial, attempt, Reason(PAUSED_BY_HAND, "Paused by hand."))
    return trial, warning


def resume_trial(work: Work, trial_id: str) -> TrialRow:
    """Lets a paused trial go on, from its newest checkpoint, as soon as there is room for it."""
    trial = locked_trial(work, trial_id)
    if trial.state is not TrialState.PAUSED:
        attempt = _live(work, trial)
        if attempt is not None and attempt.stop_code in PAUSING:
            raise Conflict("The trial is about to pause.", code="pausing", hint="Resume it once it is paused.")
        _require_unfinished(trial)
        return trial
    work.set_trial(trial, TrialState.WAITING, Reason(RESUMED, "Goes on as soon as there is room."))
    work.tx.wake("agents")
    return trial


def pause_whole_study(work: Work, study_id: str) -> StudyRow:
    """Pauses the study and its running trials, which go on with it from their newest checkpoints."""
    study = pause_study(work, study_id)
    live = work.add_attempts(list(attempts.live_of_study(work.tx, study.id).values()))
    work.load_trials({attempt.trial_id for attempt in live})
    for attempt in live:
        _pause(work, work.trials[attempt.trial_id], attempt, Reason(PAUSED_WITH_STUDY, "Paused with its study."))
    return study


def resume_whole_study(work: Work, study_id: str) -> StudyRow:
    """Goes on with the study and with the trials that were paused with it."""
    study = locked(work, study_id)
    for trial in work.add_trials(trials.in_states(work.tx, study.id, ("paused",))):
        if trial.state is TrialState.PAUSED and trial.reason_code == PAUSED_WITH_STUDY:
            work.set_trial(trial, TrialState.WAITING, Reason(RESUMED, "Goes on with its study."))
    return resume_study(work, study_id)


def nudge_trial(work: Work, trial_id: str, order: NudgeOrder) -> Nudging:
    """Changes parameters of a trial under way. Raises InvalidInput for what its space or its constraints don't allow,
    Conflict for a trial that has ended."""
    trial = locked_trial(work, trial_id)
    _require_unfinished(trial)
    before = pending(work, trial)
    old, new = _change(work, trial, before, order.params)
    twin, warning = _twin(work, trial, before) if order.twin else (None, None)
    nudge = new_nudge(work, trial, author=order.author, origin="hand", note=order.note, old=old, new=new)
    if twin is not None:
        nudge.twin = twin.number
        nudges.save(work.tx, [nudge])
    send(work, nudge, trial, _live(work, trial))
    return Nudging(nudge, twin, warning)


def _change(
    work: Work, trial: TrialRow, before: Mapping[str, Any], params: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values of what changes."""
    space = work.memory(work.studies[trial.study_id]).spec.space
    after = {**of_space(space, before), **params}
    if problems := space.check(after):
        raise InvalidInput([problem.under("/params") for problem in problems])
    new = {name: value for name, value in params.items() if before.get(name) != value}
    if not new:
        named = pointer("params", next(iter(params))) if params else "/params"
        raise InvalidInput([Problem(named, "changes nothing: the trial trains with that already")])
    return {name: before.get(name) for name in new}, new


def _twin(work: Work, trial: TrialRow, params: dict[str, Any]) -> tuple[TrialRow, str | None]:
    """An untouched copy that goes on from where the trial could."""
    study = work.studies[trial.study_id]
    if study.intent is not None:  # what would wait now waited for good
        raise Conflict("The study is coming to its end: it begins no twin.", code="study_finished")
    found = goes_on_from(work, trial)
    unit = np.frombuffer(trial.unit)
    twin = new_trial(work, study, Suggestion(study.next_number, params, unit, trial.round, "twin"))
    study.next_number += 1
    twin.parent, twin.touched = trial.number, trial.touched
    twin.start_from = found[0].id if found else None
    work.tx.wake("agents")
    begins = "The trial has no checkpoint yet: its twin begins with the first step."
    return twin, None if twin.start_from else begins


def _pause(work: Work, trial: TrialRow, attempt: AttemptRow | None, reason: Reason) -> None:
    """At once where nobody works on it; otherwise between two steps, by its agent or with its next report."""
    if attempt is not None:
        work.add_attempts([attempt])
        ask_to_stop(work, attempt, reason)
        work.changed(trial)
        return
    work.set_trial(trial, TrialState.PAUSED, reason)
    settle(work, work.studies[trial.study_id])


def _live(work: Work, trial: TrialRow) -> AttemptRow | None:
    attempt = attempts.live_of_trial(work.tx, trial.id)
    return None if attempt is None else work.add_attempts([attempt])[0]


def _require_unfinished(trial: TrialRow) -> None:
    if is_terminal(trial.state):
        raise Conflict(f"The trial is {trial.state}: it has ended.", code="trial_finished")
