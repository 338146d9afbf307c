"""A space that is cut too tight, or holds what does nothing."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from caviar.domain.parameters import Float, Int
from caviar.insights.figures.axes import label
from caviar.insights.health.finding import Finding
from caviar.insights.importance.report import importance
from caviar.insights.thinning import best_rows
from caviar.insights.views import View

FEWEST: Final = 20
_BEST: Final = 10
_EDGE: Final = 0.05
_FEWEST_FOR_NO_EFFECT: Final = 100


def best_at_a_bound(view: View, _: float) -> Iterator[Finding]:
    """The best trial and at least half of the best ten lie in the outermost twentieth of a range, or in the last cell
    of few."""
    if int(view.ranked.sum()) < FEWEST:
        return
    rows = best_rows(np.where(view.ranked, view.losses, np.nan), _BEST)
    units, space = view.trials.units[rows], view.spec.space
    active = space.active(units)
    for column, name in enumerate(space.columns):
        parameter = space.parameters[name]
        if not isinstance(parameter, Float | Int) or not active[0, column]:
            continue
        edge = max(_EDGE, 1.0 / space.cells[column] if space.cells[column] else 0.0)
        if edge > 0.2:
            continue
        for side, near in (("low", units[:, column] <= edge), ("high", units[:, column] >= 1 - edge)):
            count = int((near & active[:, column]).sum())
            if near[0] and count * 2 >= len(rows):
                yield _at_bound(view, name, side, count, tuple(view.trials.number[rows[near]].tolist()))


def _at_bound(view: View, name: str, side: str, count: int, trials: tuple[int, ...]) -> Finding:
    bound = label(getattr(view.spec.space.parameters[name], side))
    said = f"{name}: the best trial and {count} of the best {_BEST} lie at its {side} bound, {bound}"
    do = "lower it" if side == "low" else "raise it"
    return Finding("best_at_bound", "warning", said, f"The optimum may lie beyond: {do}.", name, trials)


def parameters_without_effect(view: View, _: float) -> Iterator[Finding]:
    said = importance(view)
    if said["trials"] < _FEWEST_FOR_NO_EFFECT or not said["enough"]:
        return
    for each in said["parameters"]:
        good = each["good"]
        if not each["whole"]["clear"] and (good is None or not good["clear"]):
            message = f"{each['name']} shows no effect in {said['trials']} trials"
            yield Finding(
                "no_effect", "note", message, "Make it a constant and spend the trials elsewhere.", each["name"]
            )
