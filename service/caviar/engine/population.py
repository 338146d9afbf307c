"""Population based training: trials that go on from each other's checkpoints, and take turns where places are few.

What a copy changes is a nudge like any other, told by the rule: from which trial, which checkpoint, from what to what.
"""

import math

from caviar.domain.spec import PbtSpec
from caviar.domain.states import Reason, is_terminal
from caviar.engine import outcomes
from caviar.engine.checkpoints import goes_on_from
from caviar.engine.lease import remaining
from caviar.engine.nudges import BY_PBT, new_nudge, pending
from caviar.engine.work import Work
from caviar.search.population import choose, explored, rung_at, to_replace
from caviar.storage import nudges, trials
from caviar.storage.rows import AttemptRow, CheckpointRow, TrialRow


def follow_population(work: Work, attempt: AttemptRow, trial: TrialRow, after: float | None) -> Reason | None:
    """After a report, the one before was of step `after`. Why the attempt is to end, if it is."""
    study = work.studies[trial.study_id]
    memory = work.memory(study)
    pbt = memory.spec.search.population
    step = trial.step or 0.0
    rung = rung_at(pbt, -math.inf if after is None else after, step) if pbt else None
    if pbt is None or rung is None:
        return None
    loss = math.nan if trial.value is None else memory.sign * trial.value
    arrival = memory.arrive(study.id, rung, trial.number, loss)
    if arrival is None:
        return None
    work.arrivals.append(arrival)
    if attempt.stop_code is not None:
        return None
    donor = _donor(work, trial, pbt, rung)
    if donor is not None:
        return _copy(work, attempt, trial, donor, pbt, rung)
    if memory.at_rung or study.waiting or remaining(study, memory.spec):
        return Reason(outcomes.PAUSED_AT_RUNG, f"Others take their turn; this one goes on after step {step:g}.")
    return None


def _donor(work: Work, trial: TrialRow, pbt: PbtSpec, rung: int) -> tuple[TrialRow, CheckpointRow] | None:
    """Whom the trial is to go on from, and the checkpoint: one under way that has a newest one."""
    study = work.studies[trial.study_id]
    since = _own_since(work, trial)
    better = to_replace(pbt, work.memory(study).rungs, trial.number, rung, since)
    rows = work.add_trials(trials.by_numbers(work.tx, study.id, better).values())
    able: dict[int, tuple[TrialRow, CheckpointRow]] = {}
    for row in rows:
        found = [] if is_terminal(row.state) else goes_on_from(work, row)
        if found:
            able[row.number] = (row, found[0])
    return able[choose(study.seed, trial.number, rung, able.keys())] if able else None


def _own_since(work: Work, trial: TrialRow) -> float:
    """The step from which on the trial's values are of what it is now."""
    copies = [(each.made_after, each.copied) for each in nudges.of_trial(work.tx, trial.id) if each.copied]
    return max([0.0, *(max(after or 0.0, float(copied["step"])) for after, copied in copies)])


def _copy(
    work: Work, attempt: AttemptRow, trial: TrialRow, donor: tuple[TrialRow, CheckpointRow], pbt: PbtSpec, rung: int
) -> Reason:
    better, checkpoint = donor
    study = work.studies[trial.study_id]
    params = explored(pbt, work.memory(study).spec.space, pending(work, better), study.seed, trial.number, rung)
    before = pending(work, trial)
    new = {name: value for name, value in params.items() if name not in before or before[name] != value}
    old = {name: value for name, value in before.items() if name in new or name not in params}
    note = f"{_shown(trial)} at step {trial.step:g}, where #{better.number} is better"
    copied = {"number": better.number, "checkpoint": checkpoint.id, "step": checkpoint.step}
    nudge = new_nudge(work, trial, author="pbt", origin=BY_PBT, note=note, old=old, new=dict(new), copied=copied)
    attempt.nudge, trial.start_from, trial.copied_after = nudge.id, checkpoint.id, trial.attempts
    work.changed_attempt(attempt)
    work.changed(trial)
    return Reason(outcomes.COPIES, f"Goes on from step {checkpoint.step:g} of trial {better.number}.")


def _shown(trial: TrialRow) -> str:
    return "not finite" if trial.value is None else f"{trial.value:.6g}"
