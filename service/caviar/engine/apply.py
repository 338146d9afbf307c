"""Events become state: each applied once, in the order of its attempt, late ones kept and never counted."""

from collections.abc import Iterable
from typing import assert_never

from caviar.domain.numbers import json_number, parse_metric
from caviar.domain.states import AttemptState, Reason, StudyState, TrialState
from caviar.engine import fingerprint, outcomes
from caviar.engine.checkpoints import keep, turn_away
from caviar.engine.nudges import acknowledged, settle_nudges, were_changed
from caviar.engine.outcomes import End, Pause, Retry
from caviar.engine.reports import finite, record_report
from caviar.engine.sizing import Sizing
from caviar.engine.stop_orders import stop_reason
from caviar.engine.work import Work
from caviar.storage.rows import AttemptRow, LateEventRow, LogRow, StudyRow, TrialRow
from caviar_workers.protocol import (
    Checkpoint,
    Event,
    Failed,
    FailureCode,
    Finished,
    Log,
    Nudged,
    Number,
    Report,
    Returned,
    Started,
    Stopped,
)

SMOOTHING = 0.2
"""Weight of the newest trial in the estimate of how long trials last."""


def apply_events(work: Work, agent_id: str, events: Iterable[Event]) -> None:
    """The work must hold the attempts the events name, their trials and (locked) their studies.

    An attempt that is not (or no longer) known, or another agent's, is nobody's: its events are dropped.
    """
    for event in events:
        attempt = work.attempts.get(event.attempt)
        if attempt is None or attempt.agent_id != agent_id or event.seq <= attempt.last_seq:
            continue
        if attempt.is_live:
            attempt.last_seq = event.seq
            work.changed_attempt(attempt)
            _apply(work, attempt, event)
        elif isinstance(event, Checkpoint):
            turn_away(work, attempt, event)
        elif not isinstance(event, Log):
            late = LateEventRow(attempt.id, event.seq, work.now, event.model_dump(mode="json"))
            work.late.append(late)


def lose(work: Work, attempt: AttemptRow, message: str) -> None:
    """The attempt's lease is over, or whoever ran it says it is gone."""
    trial = work.trials[attempt.trial_id]
    stop = stop_reason(attempt)
    trial.losses += 1
    decision = outcomes.after_loss(message, losses=trial.losses) if stop is None else outcomes.after_stop(stop)
    work.set_attempt(attempt, AttemptState.LOST, Reason("lost", message))
    _carry_out(work, attempt, decision)


def finish(
    work: Work,
    attempt: AttemptRow,
    metrics: dict[str, Number],
    seconds: float | None,
    *,
    stop: Reason | None = None,
) -> None:
    """The training code has returned with its final metrics (possibly none: then the last report counts).

    `stop`: it had been told to stop, and what it says now is where it stopped.
    """
    trial = work.trials[attempt.trial_id]
    study = work.studies[trial.study_id]
    name = work.memory(study).spec.metric.name
    reported = trial.step is not None and trial.value is not None
    if metrics:
        numbers = {key: parse_metric(value) for key, value in metrics.items()}
        trial.final = {key: json_number(number) for key, number in numbers.items()}
        if name in numbers:
            trial.value, reported = finite(numbers[name]), True
    reported = reported or _was_reported(work, trial, attempt, name)
    trial.seconds = seconds
    if stop is not None:
        work.set_attempt(attempt, AttemptState.STOPPED, stop)
        _carry_out(work, attempt, outcomes.after_stop(stop))
        return
    decision = outcomes.after_finish(name, value=trial.value, reported=reported)
    completed = decision.state is TrialState.COMPLETED
    work.set_attempt(attempt, AttemptState.COMPLETED if completed else AttemptState.FAILED, decision.reason)
    _carry_out(work, attempt, decision)
    if seconds is not None and completed:
        _learn_duration(study, seconds)


def fail(work: Work, attempt: AttemptRow, code: FailureCode, message: str, seconds: float | None = None) -> None:
    """The attempt died of its own doing."""
    trial = work.trials[attempt.trial_id]
    study = work.studies[trial.study_id]
    trial.failures += 1
    trial.seconds = seconds
    retries = work.memory(study).spec.retries
    stop = stop_reason(attempt)
    decision: Retry | End | Pause
    if stop is None:
        decision = outcomes.after_failure(code, message, failures=trial.failures, retries=retries)
    else:
        decision = outcomes.after_stop(stop)
    work.set_attempt(attempt, AttemptState.FAILED, Reason(code.value, message))
    _carry_out(work, attempt, decision)


def start(work: Work, attempt: AttemptRow, node: str) -> None:
    trial = work.trials[attempt.trial_id]
    study = work.studies[trial.study_id]
    attempt.node = trial.node = node or None
    work.set_attempt(attempt, AttemptState.RUNNING)
    if trial.attempts > 1 and attempt.from_step is None:
        trial.value = trial.step = trial.final = None
        if work.memory(study).spec.rules and were_changed(work, trial):
            trial.touched = True  # what its rules made of it, it now begins with
    work.set_trial(trial, TrialState.RUNNING)
    if study.state is StudyState.QUEUED:
        work.set_study(study, StudyState.RUNNING)
    seconds = work.memory(study).spec.budget.seconds
    if study.deadline_at is None and seconds is not None:
        study.deadline_at = work.now + seconds


def _apply(work: Work, attempt: AttemptRow, event: Event) -> None:
    if attempt.state is AttemptState.LEASED and not isinstance(event, Started | Log | Failed | Returned):
        start(work, attempt, attempt.node or "")
    if isinstance(event, Finished | Stopped | Failed) and event.memory_mb > 0:
        _learn_memory(work, attempt, event)
    match event:
        case Finished():
            finish(work, attempt, event.metrics, event.seconds)
        case Stopped():
            _stopped(work, attempt, event)
        case Failed():
            _failed(work, attempt, event)
        case Returned():
            _returned(work, attempt)
        case _:
            _progress(work, attempt, event)


def _progress(work: Work, attempt: AttemptRow, event: Started | Report | Log | Checkpoint | Nudged) -> None:
    match event:
        case Started():
            _started(work, attempt, event)
        case Report():
            record_report(work, attempt, seq=event.seq, at=event.at, step=event.step, metrics=event.metrics)
        case Log():
            _keep_log(work, attempt, event)
        case Checkpoint():
            keep(work, attempt, event)
        case Nudged():
            acknowledged(work, attempt, event.nudge, event.step)
        case _:
            assert_never(event)


def _started(work: Work, attempt: AttemptRow, event: Started) -> None:
    study = work.studies[attempt.study_id]
    if event.surroundings is not None and study.fingerprint is None:
        work.touch(study)
        study.fingerprint = fingerprint.of(study.spec, event.surroundings)
    if attempt.state is AttemptState.LEASED:
        start(work, attempt, event.node)


def _keep_log(work: Work, attempt: AttemptRow, event: Log) -> None:
    text = event.text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    size = len(text.encode())
    work.logs.append(LogRow(attempt.trial_id, attempt.number, event.seq, event.at, size, event.skipped, text))


def _failed(work: Work, attempt: AttemptRow, event: Failed) -> None:
    if event.infrastructure:
        lose(work, attempt, event.message)
    else:
        fail(work, attempt, event.code, event.message, event.seconds)


def _stopped(work: Work, attempt: AttemptRow, event: Stopped) -> None:
    work.trials[attempt.trial_id].seconds = event.seconds
    end_as_told(work, attempt)


def end_as_told(work: Work, attempt: AttemptRow) -> None:
    """The code ended because it was told to, or by itself."""
    decision = outcomes.after_stop(stop_reason(attempt))
    state = AttemptState.PAUSED if isinstance(decision, Pause) else AttemptState.STOPPED
    work.set_attempt(attempt, state, decision.reason)
    _carry_out(work, attempt, decision)


def _returned(work: Work, attempt: AttemptRow) -> None:
    if attempt.state is not AttemptState.LEASED:
        return
    decision = outcomes.after_return(stop_reason(attempt))
    work.set_attempt(attempt, AttemptState.RETURNED, decision.reason)
    _carry_out(work, attempt, decision)


def _carry_out(work: Work, attempt: AttemptRow, decision: Retry | End | Pause) -> None:
    trial = work.trials[attempt.trial_id]
    match decision:
        case Pause(reason) if reason.code == outcomes.PAUSED_WITH_STUDY and not _is_paused(work, trial):
            _carry_out(work, attempt, Retry(Reason("resumed", "Goes on with its study.")))
            return
        case Pause(reason) if reason.code == outcomes.COPIES:
            _carry_out(work, attempt, Retry(reason))
            return
        case Pause(reason):
            work.set_trial(trial, TrialState.PAUSED, reason)
        case Retry(reason):
            if trial.state is TrialState.RUNNING:
                work.set_trial(trial, TrialState.WAITING)
            trial.reason_code, trial.reason_message = reason.code, reason.message
            work.changed(trial)
        case End(state, reason):
            if trial.state is TrialState.WAITING and state is TrialState.STOPPED:
                state = TrialState.CANCELLED
            work.set_trial(trial, state, reason)
            if state is TrialState.COMPLETED:
                _keep_best(work, trial)
        case _:
            assert_never(decision)
    settle_nudges(work, attempt)


def _is_paused(work: Work, trial: TrialRow) -> bool:
    """Whether its study still is: it may have been resumed before the trial came to pause."""
    return work.studies[trial.study_id].state is StudyState.PAUSED


def _keep_best(work: Work, trial: TrialRow) -> None:
    """The best completed trial; of equals the one with the lowest number, in whatever order they came."""
    study = work.studies[trial.study_id]
    if trial.value is None:
        return
    sign = work.memory(study).sign
    if study.best_value is None or study.best_number is None:
        better = True
    else:
        better = (sign * trial.value, trial.number) < (sign * study.best_value, study.best_number)
    if better:
        study.best_number, study.best_value = trial.number, trial.value


def _was_reported(work: Work, trial: TrialRow, attempt: AttemptRow, name: str) -> bool:
    """Whether the objective was reported at all, as NaN: a rare question, answered from the reports themselves."""
    if trial.step is None:
        return False
    mine = [report for report in work.reports if report.trial_id == trial.id and report.attempt == attempt.number]
    return any(name in report.metrics for report in (*mine, *work.stored_reports(trial, attempt)))


def _learn_duration(study: StudyRow, seconds: float) -> None:
    known = study.trial_seconds
    study.trial_seconds = seconds if known is None else known + SMOOTHING * (seconds - known)


def _learn_memory(work: Work, attempt: AttemptRow, event: Finished | Stopped | Failed) -> None:
    """Sizes the next attempts by what this one took; one of `memory_mb: auto` that had too little doubles it."""
    attempt.memory_mb = event.memory_mb
    study = work.studies[attempt.study_id]
    if study.sizing is None:
        return
    known = Sizing.from_document(study.sizing)
    ran_out = isinstance(event, Failed) and event.code is FailureCode.OOM
    learnt = known.after_oom(event.memory_mb) if ran_out else known.after_peak(event.memory_mb)
    work.touch(study)
    study.sizing = learnt.to_document()
