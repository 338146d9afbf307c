"""What becomes of nudges: in force between two steps, taken into the next attempt, or overtaken by the end."""

from collections.abc import Mapping

from caviar.domain.states import is_terminal
from caviar.engine.work import Work
from caviar.storage import nudges, trials
from caviar.storage.nudges import APPLIED, LOST, WAITING
from caviar.storage.rows import AttemptRow, NudgeRow, TrialRow
from caviar_workers.protocol import Command

BY_PBT = "pbt"
BY_RULE = "rule"
"""A rule of the study is part of every trial's configuration: it leaves a clean sample."""


def put_in_force(work: Work, nudge: NudgeRow, trial: TrialRow, step: float, attempt: int | None) -> None:
    """From here on the trial's parameters are the nudge's: all steps up to `step` were made with the old ones."""
    nudge.state, nudge.step, nudge.attempt, nudge.settled_at = APPLIED, step, attempt, work.now
    nudges.save(work.tx, [nudge])
    trial.params = after(trial.params, nudge)
    trials.set_params(work.tx, trial.id, trial.params)
    trial.touched = trial.touched or nudge.origin != BY_RULE
    work.changed(trial)


def acknowledged(work: Work, attempt: AttemptRow, nudge_id: str, step: float) -> None:
    """The training code works with it. What came before it was in force before it, if unheard."""
    trial = work.trials[attempt.trial_id]
    waiting = nudges.waiting(work.tx, trial.id)
    named = next((place for place, each in enumerate(waiting) if each.id == nudge_id), -1)
    for nudge in waiting[: named + 1]:
        put_in_force(work, nudge, trial, step, attempt.number)
    attempt.nudge = waiting[-1].id if named + 1 < len(waiting) else None
    work.changed_attempt(attempt)


def settle_nudges(work: Work, attempt: AttemptRow) -> None:
    """The attempt has ended: what it was not given any more, the next one begins with."""
    if attempt.nudge is None:
        return
    attempt.nudge = None
    trial = work.trials[attempt.trial_id]
    for nudge in nudges.waiting(work.tx, trial.id):
        if is_terminal(trial.state):
            nudge.state, nudge.settled_at = LOST, work.now
            nudges.save(work.tx, [nudge])
        else:
            put_in_force(work, nudge, trial, trial.step or 0.0, None)


def pending(work: Work, trial: TrialRow) -> dict[str, object]:
    """The parameters once everything that waits is in force."""
    params = dict(trial.params)
    for nudge in nudges.waiting(work.tx, trial.id):
        params = after(params, nudge)
    return params


def were_changed(work: Work, trial: TrialRow) -> bool:
    """Whether its parameters are other than those it was made with."""
    return any(nudge.state == APPLIED for nudge in nudges.of_trial(work.tx, trial.id))


def after(params: Mapping[str, object], nudge: NudgeRow) -> dict[str, object]:
    """The parameters with the nudge in force: what it has only an old value of is no more."""
    return {**{name: value for name, value in params.items() if name not in nudge.old}, **nudge.new}


def orders(work: Work, attempt: AttemptRow) -> list[Command]:
    """For the agent: each nudge that waits, with all parameters that are to be in force then."""
    work.load_trials([attempt.trial_id])
    params = dict(work.trials[attempt.trial_id].params)
    commands = []
    for nudge in nudges.waiting(work.tx, attempt.trial_id):
        params = after(params, nudge)
        commands.append(Command(attempt=attempt.id, action="nudge", nudge=nudge.id, params=params))
    return commands


def new_nudge(  # noqa: PLR0913 - the fields of a record
    work: Work,
    trial: TrialRow,
    *,
    author: str,
    origin: str,
    note: str,
    old: dict[str, object],
    new: dict[str, object],
    copied: dict[str, object] | None = None,
) -> NudgeRow:
    """Stored, and on its way: at once where nobody works on the trial."""
    nudge = NudgeRow(
        id=work.new_id(),
        study_id=trial.study_id,
        trial_id=trial.id,
        number=trial.number,
        author=author,
        origin=origin,
        note=note,
        old=old,
        new=new,
        state=WAITING,
        made_after=trial.step,
        step=None,
        attempt=None,
        twin=None,
        created_at=nudges.next_moment(work.tx, trial.id, work.now),
        settled_at=None,
        copied=copied,
    )
    nudges.insert(work.tx, nudge)
    return nudge


def send(work: Work, nudge: NudgeRow, trial: TrialRow, attempt: AttemptRow | None) -> None:
    """To whoever works on the trial; where nobody does it is in force."""
    if attempt is None:
        put_in_force(work, nudge, trial, trial.step or 0.0, None)
        return
    attempt.nudge = nudge.id
    work.changed_attempt(attempt)
    work.changed(trial)
    work.tx.wake("agents")
