"""How many trials travel together, and what room a cluster has: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from caviar_workers.shapes import EPSILON, Amounts, fits, without

BATCH_SECONDS = 0.035
LONG = 0.05
BATCH_MOST = 64


def batch_size(seconds: float | None) -> int:
    """Trials of one batch: 20 to 50 ms of work, one by one while nobody knows how long they last."""
    if seconds is None or seconds >= LONG:
        return 1
    return max(1, min(BATCH_MOST, int(BATCH_SECONDS / max(seconds, 1e-6))))


def fair_batch(seconds: float | None, waiting: int, idle: int) -> int:
    """The size of the next batch when `idle` slots are to share what waits."""
    return max(1, min(batch_size(seconds), -(-waiting // max(1, idle))))


def is_urgent(batch: int, left: Collection[int], seconds: float) -> bool:
    """Whether the end of a trial is to be told at once, the batches `left` being those of what else is in its slot.

    At the end of a batch the slot wants to be fed. But where the next trial is here already and they are of some
    length, the end may travel with that beginning: one sync for both.
    """
    return batch not in left and (not left or seconds < LONG)


def room(totals: Mapping[str, Amounts], taken: Iterable[tuple[str, Amounts]]) -> dict[str, Amounts]:
    """What is left of each node. Takers of unknown nodes ("") are put where they first fit, or nowhere."""
    left = dict(totals)
    for node, wanted in sorted(taken, key=lambda each: not each[0]):
        place = node if node in left else first_fit(left, wanted)
        if place is not None:
            left[place] = without(left[place], [wanted])
    return left


def first_fit(free: Mapping[str, Amounts], wanted: Amounts) -> str | None:
    return next((node for node, amounts in free.items() if fits(amounts, wanted)), None)


def to_drop(free: Mapping[str, Amounts], wanted: Amounts, idle: Sequence[tuple[str, str, Amounts]]) -> list[str] | None:
    """Which idle slots (name, node, amounts), the first ones preferred, must go so that `wanted` fits on some node.

    None when nothing helps.
    """
    found = (_dropped_on(node, free[node], wanted, idle) for node in free)
    return min((dropped for dropped in found if dropped is not None), key=len, default=None)


def _dropped_on(
    node: str, left: Amounts, wanted: Amounts, idle: Iterable[tuple[str, str, Amounts]]
) -> list[str] | None:
    dropped: list[str] = []
    gained = dict(left)
    for name, where, amounts in idle:
        missing = {resource for resource, amount in wanted.items() if gained.get(resource, 0.0) < amount - EPSILON}
        if where == node and missing & amounts.keys():
            gained = {resource: gained.get(resource, 0.0) + amounts.get(resource, 0.0) for resource in gained | amounts}
            dropped.append(name)
    return dropped if fits(gained, wanted) else None
