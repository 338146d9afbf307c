"""Which checkpoints of a study are no longer wanted. Pure: what there is in, what goes and why out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from caviar.domain.spec import CheckpointSpec

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """`size` in bytes; `age` rises with every checkpoint of the study."""

    id: str
    trial: str
    step: float
    size: int
    age: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a trial stands: `loss` is minimised, None where it has no value."""

    ended: bool
    loss: float | None


@dataclass(frozen=True, slots=True)
class Removal:
    id: str
    why: str


def superfluous(
    kept: Sequence[Kept],
    trials: Mapping[str, Standing],
    policy: CheckpointSpec,
    *,
    rungs: Sequence[float] = (),
    pinned: Collection[str] = (),
) -> list[Removal]:
    """What may go. An unfinished trial keeps its newest checkpoint and, in case that one cannot be read, the one
    before; `pinned` checkpoints are about to be used. `rungs` are the steps at which trials are compared."""
    removals: dict[str, str] = {}
    for trial, own in _by_trial(kept).items():
        removals |= _of_trial(own, trials[trial], policy, rungs)
    if policy.keep == "best":
        removals |= _beyond_best(kept, trials, policy.best)
    safe = {*pinned, *_needed(kept, trials)}
    removals = {id_: why for id_, why in removals.items() if id_ not in safe}
    if policy.max_mb is not None:
        left = [each for each in kept if each.id not in removals]
        removals |= _beyond_size(left, trials, policy.max_mb, safe)
    return [Removal(id_, why) for id_, why in removals.items()]


def _by_trial(kept: Sequence[Kept]) -> dict[str, list[Kept]]:
    """Oldest first."""
    found: dict[str, list[Kept]] = {}
    for each in sorted(kept, key=lambda each: each.age):
        found.setdefault(each.trial, []).append(each)
    return found


def _of_trial(
    own: Sequence[Kept], standing: Standing, policy: CheckpointSpec, rungs: Sequence[float]
) -> dict[str, str]:
    """All but the newest, the spare of an unfinished trial, and those that the policy wants for themselves."""
    spared = {each.id for each in own[-1 if standing.ended else -2 :]}
    if policy.keep == "rungs":
        reached = [next((each.id for each in own if each.step >= rung), None) for rung in rungs]
        spared |= {each for each in reached if each is not None}
    newest = own[-1]
    return {each.id: f"There is a newer one, of step {newest.step:g}." for each in own if each.id not in spared}


def _beyond_best(kept: Sequence[Kept], trials: Mapping[str, Standing], best: int) -> dict[str, str]:
    ended = [trial for trial in _by_trial(kept) if trials[trial].ended]
    ranked = sorted(ended, key=lambda trial: _loss(trials[trial]))
    worse = {*ranked[best:], *(trial for trial in ended if trials[trial].loss is None)}
    why = f"The trial is not among the best {best} (checkpoints.best)."
    return {each.id: why for each in kept if each.trial in worse}


def _needed(kept: Sequence[Kept], trials: Mapping[str, Standing]) -> set[str]:
    """What an unfinished trial would go on from."""
    return {own[-1].id for trial, own in _by_trial(kept).items() if not trials[trial].ended}


def _beyond_size(
    left: Sequence[Kept], trials: Mapping[str, Standing], max_mb: int, safe: Collection[str]
) -> dict[str, str]:
    """The worst ended trials' first, then what unfinished ones keep beside what they need, oldest first."""
    excess = sum(each.size for each in left) - max_mb * MEGABYTE
    order = sorted(left, key=lambda each: (not trials[each.trial].ended, -_loss(trials[each.trial]), each.age))
    removals: dict[str, str] = {}
    for each in order:
        if excess <= 0:
            break
        if each.id not in safe:
            removals[each.id] = f"The study's checkpoints took more than {max_mb} MB (checkpoints.max_mb)."
            excess -= each.size
    return removals


def _loss(standing: Standing) -> float:
    return float("inf") if standing.loss is None else standing.loss
