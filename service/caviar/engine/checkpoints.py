"""Checkpoints as the engine keeps them: noted when they come, handed to the next attempt, removed when superfluous.

The service never touches a store: it decides, and the agents, which have the credentials, carry out.
"""

from collections.abc import Collection

from caviar.domain.spec import StoppingSpec
from caviar.domain.states import is_terminal
from caviar.engine.retention import Kept, Standing, superfluous
from caviar.engine.work import Work
from caviar.storage import checkpoints, trials
from caviar.storage.checkpoints import KEPT, REMOVED, REMOVING
from caviar.storage.rows import AttemptRow, CheckpointRow, StudyRow, TrialRow
from caviar_workers.protocol import Checkpoint, Removal, Removed, Resume, SyncRequest

OFFERED = 3
"""Checkpoints that an attempt is offered: the newest, and older ones should that not be whole."""
REMOVED_AT_ONCE = 100


def keep(work: Work, attempt: AttemptRow, event: Checkpoint) -> None:
    """Notes a checkpoint that was stored."""
    trial = work.trials[attempt.trial_id]
    checkpoints.insert(work.tx, [_row(work, attempt, trial.number, event)])
    work.changed(trial)


def turn_away(work: Work, attempt: AttemptRow, event: Checkpoint) -> None:
    """A checkpoint of an attempt that no longer counts: it is removed, once."""
    if not checkpoints.is_known(work.tx, attempt.trial_id, attempt.number, event.seq):
        number = checkpoints.number_of(work.tx, attempt.trial_id)
        row = _row(work, attempt, number, event)
        row.state, row.reason = REMOVING, "It came when its attempt no longer counted."
        checkpoints.insert(work.tx, [row])


def offer(work: Work, attempts: Collection[AttemptRow]) -> dict[str, tuple[Resume, ...]]:
    """By attempt, what it may go on from. A first attempt has nothing of its own yet, and is not looked for."""
    offers = {}
    for attempt in attempts:
        trial = work.trials[attempt.trial_id]
        if attempt.number > 1 or trial.start_from is not None:
            found = goes_on_from(work, trial)
            attempt.from_step = found[0].step if found else None
            offers[attempt.id] = tuple(Resume(uri=each.uri, step=each.step, digest=each.digest) for each in found)
    return offers


def goes_on_from(work: Work, trial: TrialRow) -> list[CheckpointRow]:
    """What the trial's next attempt may begin with, the first choice first: its own checkpoints, or another trial's as
    long as it has none of its own (since it was told to take that)."""
    found = checkpoints.newest_kept(work.tx, trial.id, OFFERED, trial.copied_after)
    if not found and trial.start_from is not None:
        found = checkpoints.by_ids(work.tx, [trial.start_from])
    return found


def thin_out(work: Work, study: StudyRow, trial_ids: Collection[str] | None = None) -> None:
    """Has removed what the study's policy no longer keeps, now that `trial_ids` have new ones (None: whoever has).

    Where the policy looks at each trial by itself the others' are not even read.
    """
    memory = work.memory(study)
    policy = memory.spec.checkpoints
    by_itself = policy.keep != "best" and policy.max_mb is None
    kept = checkpoints.kept_of_study(work.tx, study.id, trial_ids if by_itself else None)
    if not kept:
        return
    work.load_trials({each.trial_id for each in kept})
    standings = {each.trial_id: _standing(work.trials[each.trial_id], memory.sign) for each in kept}
    seen = [Kept(each.id, each.trial_id, each.step, each.size, age) for age, each in enumerate(kept)]
    rungs = rung_steps(memory.spec.stopping, max(each.step for each in kept))
    pinned = trials.start_points(work.tx, study.id)
    removals = superfluous(seen, standings, policy, rungs=rungs, pinned=pinned)
    reasons = {each.id: each.why for each in removals}
    _remove(work, [each for each in kept if each.id in reasons], reasons)


def remove_all(work: Work, study_id: str, why: str) -> None:
    kept = checkpoints.kept_of_study(work.tx, study_id)
    _remove(work, kept, dict.fromkeys((each.id for each in kept), why))


def note_removed(work: Work, removed: Collection[Removed]) -> None:
    """What agents have removed, or could not remove: that is not tried for ever."""
    problems = {each.id: each.problem for each in removed}
    rows = [each for each in checkpoints.by_ids(work.tx, problems.keys()) if each.state == REMOVING]
    for row in rows:
        row.state, row.removed_at = REMOVED, work.now
        if problem := problems[row.id]:
            row.reason = f"{row.reason} It could not be removed: {problem}"
    checkpoints.save(work.tx, rows)


def removals(work: Work, agent_id: str, request: SyncRequest) -> tuple[Removal, ...]:
    """What the agent is to remove. Asked with quiet requests and with those that bring a checkpoint."""
    brings = any(isinstance(event, Checkpoint) for event in request.events)
    if not request.store or not (request.wait > 0 or brings):
        return ()
    rows = checkpoints.to_remove(work.tx, request.store, agent_id, REMOVED_AT_ONCE)
    return tuple(Removal(id=row.id, uri=row.uri) for row in rows)


def rung_steps(stopping: StoppingSpec, upto: float) -> list[float]:
    """The steps at which trials are compared, as far as any trial has come."""
    if stopping.rule not in ("asha", "hyperband"):
        return []
    levels: list[float] = [float(stopping.min_steps)]
    while levels[-1] * stopping.reduction <= upto:
        levels.append(levels[-1] * stopping.reduction)
    return levels


def _row(work: Work, attempt: AttemptRow, number: int, event: Checkpoint) -> CheckpointRow:
    return CheckpointRow(
        id=work.new_id(),
        study_id=attempt.study_id,
        trial_id=attempt.trial_id,
        number=number,
        attempt=attempt.number,
        seq=event.seq,
        step=event.step,
        uri=event.uri,
        size=event.size,
        digest=event.digest,
        state=KEPT,
        reason=None,
        agent_id=attempt.agent_id,
        created_at=work.now,
        removed_at=None,
    )


def _remove(work: Work, rows: list[CheckpointRow], reasons: dict[str, str]) -> None:
    for row in rows:
        row.state, row.reason = REMOVING, reasons[row.id]
    checkpoints.save(work.tx, rows)
    if rows:
        work.tx.wake("agents")


def _standing(trial: TrialRow, sign: float) -> Standing:
    return Standing(is_terminal(trial.state), None if trial.value is None else sign * trial.value)
