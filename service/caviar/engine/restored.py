"""After a backup was put back: whatever ran when it was made runs in a timeline that is no more."""

from caviar.domain.states import TrialState
from caviar.engine.apply import lose
from caviar.engine.settle import settle
from caviar.engine.work import Work
from caviar.storage import attempts, studies, trials

JUMP = 1_000
"""Attempts of the abandoned timeline have smaller numbers than those that follow."""


def fence_restored(work: Work) -> int:
    """Takes every lease from the agents and lets attempt numbers jump; returns how many leases there were.

    What agents still say of attempts of the other timeline is kept as late, or belongs to nobody, and never counts. A
    trial that a program of the user's runs stays its own.
    """
    live = attempts.live(work.tx)
    work.lock({attempt.study_id for attempt in live} | set(studies.unfinished_ids(work.tx)))
    work.add_attempts(live)
    work.load_trials({attempt.trial_id for attempt in live})
    taken = [attempt for attempt in live if attempt.agent_id is not None]
    for attempt in taken:
        lose(work, attempt, "A backup was restored while it ran.")
    for study in list(work.studies.values()):
        open_states = [state.value for state in (TrialState.WAITING, TrialState.RUNNING, TrialState.PAUSED)]
        for trial in work.add_trials(trials.in_states(work.tx, study.id, open_states)):
            trial.attempts += JUMP
            work.changed(trial)
        settle(work, study)
    return len(taken)
