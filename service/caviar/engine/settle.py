"""Whether a study goes on, winds down or is at its end. The decision is pure; carrying it out is below."""

from dataclasses import dataclass
from typing import assert_never

from caviar.domain.states import AttemptState, Reason, StudyState, TrialState, is_terminal
from caviar.engine.checkpoints import thin_out
from caviar.engine.lease import remaining
from caviar.engine.nudges import settle_nudges
from caviar.engine.outcomes import HOPELESS, HOPELESS_LIMIT
from caviar.engine.promotion import close_rungs, stop_at_rungs
from caviar.engine.stop_orders import ask_to_stop
from caviar.engine.work import Work
from caviar.storage import attempts, trials
from caviar.storage.rows import AttemptRow, StudyRow, TrialRow


@dataclass(frozen=True, slots=True)
class GoOn:
    """Nothing to do."""


@dataclass(frozen=True, slots=True)
class WindDown:
    """Start nothing more, end what runs, then end as `intent` says."""

    intent: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class End:
    state: StudyState
    reason: Reason | None


Step = GoOn | WindDown | End

STOP, FAIL, FINISH = "stop", "fail", "finish"
"""Intents: how a study that winds down is to end."""

END_OF = {STOP: StudyState.CANCELLED, FAIL: StudyState.FAILED, FINISH: StudyState.COMPLETED}


def next_step(study: StudyRow, *, left: int, max_failures: int | None, now: float) -> Step:
    """`left` trials may still be made of the study's budget."""
    unfinished = study.waiting + study.running + study.paused
    if study.intent is not None:
        reason = Reason(study.reason_code, study.reason_message or "") if study.reason_code else None
        return GoOn() if unfinished else End(END_OF[study.intent], reason)
    failed = study.failed + study.infeasible
    if max_failures is not None and failed > max_failures:
        said = f"{failed} trials failed; the study allows {max_failures} (budget.max_failures)."
        return WindDown(FAIL, Reason("max_failures", said))
    if study.deadline_at is not None and now >= study.deadline_at:
        return WindDown(FINISH, Reason("seconds", "The study's time (budget.seconds) is over."))
    if unfinished or left:
        return GoOn()
    return _natural_end(study)


def _natural_end(study: StudyRow) -> End:
    failed = study.failed + study.infeasible
    if study.completed or study.stopped or not failed:
        used_up = Reason("exhausted", "Every configuration of the space was tried.") if study.exhausted else None
        return End(StudyState.COMPLETED, used_up)
    return End(StudyState.FAILED, Reason("no_result", f"All {failed} trials failed: see their reasons."))


def settle(work: Work, study: StudyRow) -> None:
    """Carries out what follows from the study's counters. Harmless to repeat."""
    if is_terminal(study.state):
        return
    spec = work.memory(study).spec
    left = remaining(study, spec)
    close_rungs(work, study, left)
    step = next_step(study, left=left, max_failures=spec.budget.max_failures, now=work.now)
    match step:
        case GoOn():
            pass
        case WindDown(intent, reason):
            wind_down(work, study, intent, reason)
        case End(state, reason):
            study.intent = None
            work.set_study(study, state, reason)
            thin_out(work, study)
        case _:
            assert_never(step)


def wind_down(work: Work, study: StudyRow, intent: str, reason: Reason) -> None:
    """Cancels what waits, asks what runs to stop; the study ends when the last of it has."""
    work.touch(study)
    study.intent, study.reason_code, study.reason_message = intent, reason.code, reason.message
    study.wanted = 0
    code = {STOP: "study_stopped", FAIL: "study_failed", FINISH: "study_finished"}[intent]
    live = _live(work, study)
    for attempt in live:
        ask_to_stop(work, attempt, Reason(code, reason.message))
    _end_external(work, study, Reason(code, reason.message))
    if intent != STOP:
        stop_at_rungs(work, study, Reason(code, reason.message))
    in_hand = {attempt.trial_id for attempt in live}
    for trial in _not_running(work, study):
        if trial.id not in in_hand:
            work.set_trial(trial, TrialState.CANCELLED, Reason(code, reason.message))
    if not study.waiting + study.running + study.paused:
        settle(work, study)


def _live(work: Work, study: StudyRow) -> list[AttemptRow]:
    """The study's live attempts as of this moment: an attempt that ended in this very transaction is none."""
    work.add_attempts(list(attempts.live_of_study(work.tx, study.id).values()))
    return [each for each in work.attempts.values() if each.study_id == study.id and each.is_live]


def _not_running(work: Work, study: StudyRow) -> list[TrialRow]:
    """Waiting and paused trials as of this moment, those set free in this very transaction among them."""
    states = (TrialState.WAITING, TrialState.PAUSED)
    work.add_trials(trials.in_states(work.tx, study.id, [state.value for state in states]))
    return [trial for trial in work.trials.values() if trial.study_id == study.id and trial.state in states]


def _end_external(work: Work, study: StudyRow, reason: Reason) -> None:
    """Trials that a program of the user's runs end at once: there is no agent to tell."""
    mine = [each for each in work.attempts.values() if each.study_id == study.id and each.agent_id is None]
    work.load_trials({attempt.trial_id for attempt in mine})
    for attempt in mine:
        if not attempt.is_live:
            continue
        trial = work.trials[attempt.trial_id]
        work.set_attempt(attempt, AttemptState.CANCELLED, reason)
        if not is_terminal(trial.state):
            work.set_trial(trial, TrialState.CANCELLED, reason)
        settle_nudges(work, attempt)


def break_circuit(work: Work, study: StudyRow, code: str, message: str) -> None:
    """Pauses a study whose trials all die at once of what no configuration can help."""
    if study.state is not StudyState.RUNNING and study.state is not StudyState.QUEUED:
        return
    hopeless = code in HOPELESS and study.failed >= HOPELESS_LIMIT and not study.completed and not study.stopped
    if hopeless:
        said = f"Its first {study.failed} trials failed alike: {message} Mend the code, submit it again."
        work.set_study(study, StudyState.PAUSED, Reason("circuit_breaker", said))
