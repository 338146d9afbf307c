"""Time passes: leases expire, deadlines come. Any replica may tick; ticks that meet do the same thing once."""

from caviar.domain.states import AttemptState, Reason, TrialState
from caviar.engine.apply import lose
from caviar.engine.checkpoints import remove_all
from caviar.engine.nudges import settle_nudges
from caviar.engine.settle import settle
from caviar.engine.work import Work
from caviar.storage import attempts, studies, tokens
from caviar.storage.checkpoints import KEPT, REMOVING, totals
from caviar.storage.database import Snapshot
from caviar.storage.rows import AttemptRow, StudyRow

ANSWERS_KEPT_SECONDS = 48 * 3600.0
CHECKPOINTS_AWAITED_SECONDS = 7 * 24 * 3600.0
"""How long a deleted study waits for an agent to remove its checkpoints."""


def due_studies(snapshot: Snapshot, now: float) -> list[str]:
    """Studies with an expired lease or a passed deadline."""
    return sorted({*attempts.studies_of_expired(snapshot, now), *studies.due_ids(snapshot, now)})


def purgeable(snapshot: Snapshot, now: float) -> list[str]:
    """Deleted studies of which something can be done now, as far as reading tells."""
    return [study_id for study_id in studies.deleted_ids(snapshot) if _may_purge(snapshot, study_id, now)]


def _may_purge(snapshot: Snapshot, study_id: str, now: float) -> bool:
    study = studies.get(snapshot, study_id)
    if study is None or attempts.live_of_study(snapshot, study_id):
        return False
    stored = totals(snapshot, study_id)
    return KEPT in stored or not (REMOVING in stored and _awaits(study, now))


def _awaits(study: StudyRow, now: float) -> bool:
    return now - (study.deleted_at or 0.0) < CHECKPOINTS_AWAITED_SECONDS


def purge(work: Work, study_id: str) -> None:
    """Removes a deleted study and all that hangs on it, once nothing of it runs and its checkpoints are gone."""
    study = studies.get(work.tx, study_id)
    if study is None or attempts.live_of_study(work.tx, study_id):
        return
    remove_all(work, study_id, "The study was deleted.")
    if not (_awaits(study, work.now) and totals(work.tx, study_id).get(REMOVING)):
        studies.delete(work.tx, study_id)


def run_tick(work: Work, study_id: str, *, expire: bool) -> None:
    """Brings one study up to the moment. `expire` is false while a service that was down gives agents time to call."""
    work.lock([study_id])
    study = work.studies.get(study_id)
    if study is None:
        return
    if expire:
        for attempt in _expired(work, study_id):
            _expire(work, attempt)
    settle(work, study)


def forget_old_answers(work: Work) -> None:
    tokens.drop_answers_before(work.tx, work.now - ANSWERS_KEPT_SECONDS)


def _expired(work: Work, study_id: str) -> list[AttemptRow]:
    live = attempts.live_of_study(work.tx, study_id)
    due = [each for each in live.values() if each.expires_at is not None and each.expires_at <= work.now]
    work.add_attempts(due)
    work.load_trials({attempt.trial_id for attempt in due})
    return due


def _expire(work: Work, attempt: AttemptRow) -> None:
    if attempt.agent_id is None:
        _time_out(work, attempt)
    else:
        lose(work, attempt, "Its agent has not been heard of for the time of the lease.")
        work.tx.wake("agents")


def _time_out(work: Work, attempt: AttemptRow) -> None:
    """An external trial whose time (budget.trial_seconds) is over."""
    reason = Reason("timeout", "The trial's time (budget.trial_seconds) is over.")
    work.set_attempt(attempt, AttemptState.CANCELLED if attempt.state is AttemptState.LEASED else AttemptState.FAILED)
    trial = work.trials[attempt.trial_id]
    if trial.state is TrialState.WAITING:
        work.set_trial(trial, TrialState.RUNNING)
    work.set_trial(trial, TrialState.INFEASIBLE, reason)
    settle_nudges(work, attempt)
