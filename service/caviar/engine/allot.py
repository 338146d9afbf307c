"""Who gets the slots of a cluster. Pure: nodes and claims in, numbers of slots out.

Fair by running resources (dominant share, Ghodsi et al. 2011, "Dominant Resource Fairness"): the next slot always goes
to the study whose largest share of any resource is the smallest; of equals the older study (smaller id) goes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Amounts = tuple[tuple[str, float], ...]
"""Resources as sorted (name, amount) pairs, none of them 0: hashable."""

ROUNDING = 1e-9

BATCH_SECONDS = 0.035
"""Short trials travel in batches of about this much work."""
BATCH_MOST = 64
AHEAD_SECONDS = 2.0
"""Trials that last longer are not leased ahead: they would not start soon."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A study's claim on a cluster. `most`: slots it may hold there at most (its budget and what is left to run)."""

    study: str
    shape: Amounts
    most: int


def amounts(
    cpus: float = 0.0, gpus: float = 0.0, memory_mb: float = 0.0, custom: dict[str, float] | None = None
) -> Amounts:
    """Resources in the form that `allot` compares. Custom names can't collide with the three of our own."""
    named = {"cpus": cpus, "gpus": gpus, "memory_mb": memory_mb}
    named.update({f"custom:{name}": amount for name, amount in (custom or {}).items()})
    return tuple(sorted((name, amount) for name, amount in named.items() if amount > 0))


def slot_depth(trial_seconds: float | None) -> int:
    """How many leased trials keep one slot fed: two batches of short ones, one ahead of middling ones, none of long
    ones, and one by one while nobody knows how long they last."""
    if trial_seconds is None or trial_seconds > AHEAD_SECONDS:
        return 1
    batch = min(BATCH_MOST, int(BATCH_SECONDS / max(trial_seconds, 1e-6)))
    return 2 * max(1, batch)


def fits_ever(nodes: Sequence[Amounts], shape: Amounts) -> bool:
    """Whether any node, when empty, could hold the shape."""
    return any(_slots_on(dict(node), shape, 1) for node in nodes)


@lru_cache(maxsize=256)
def allot(nodes: tuple[Amounts, ...], claims: tuple[Claim, ...], extra: int = 0) -> dict[str, int]:
    """Slots for each study, packed on the nodes as if all were empty. `extra` slots of any shape may be asked of an
    autoscaling cluster beyond what fits. The answer is shared: do not change it."""
    if len(claims) == 1:
        return {claims[0].study: _alone(nodes, claims[0], extra)}
    return _several(nodes, claims, extra)


def _alone(nodes: tuple[Amounts, ...], claim: Claim, extra: int) -> int:
    fit = sum(_slots_on(dict(node), claim.shape, claim.most) for node in nodes)
    return min(claim.most, fit + extra)


def _several(nodes: tuple[Amounts, ...], claims: tuple[Claim, ...], extra: int) -> dict[str, int]:
    free = [dict(node) for node in nodes]
    total = _total(nodes)
    given = {claim.study: 0 for claim in claims}
    open_claims = [claim for claim in claims if claim.most > 0]
    while open_claims:
        claim = min(open_claims, key=lambda each: (_share(each.shape, given[each.study], total), each.study))
        if _place(free, claim.shape):
            given[claim.study] += 1
        elif extra > 0:
            extra -= 1
            given[claim.study] += 1
        else:
            open_claims.remove(claim)
            continue
        if given[claim.study] >= claim.most:
            open_claims.remove(claim)
    return given


def _slots_on(free: dict[str, float], shape: Amounts, most: int) -> int:
    fit = min((int(free.get(name, 0.0) / amount + ROUNDING) for name, amount in shape), default=most)
    return min(fit, most)


def _place(free: list[dict[str, float]], shape: Amounts) -> bool:
    for node in free:
        if _slots_on(node, shape, 1):
            for name, amount in shape:
                node[name] -= amount
            return True
    return False


def _total(nodes: tuple[Amounts, ...]) -> dict[str, float]:
    total: dict[str, float] = {}
    for node in nodes:
        for name, amount in node:
            total[name] = total.get(name, 0.0) + amount
    return total


def _share(shape: Amounts, slots: int, total: dict[str, float]) -> float:
    return max((slots * amount / total[name] if total.get(name) else slots for name, amount in shape), default=0.0)
