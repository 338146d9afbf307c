"""What failed trials have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from caviar.domain.parameters import Choice
from caviar.insights.figures.axes import labels
from caviar.insights.health.finding import Finding
from caviar.insights.trial_columns import Floats, Mask, Rows
from caviar.insights.views import View

FEWEST: Final = 3
_MUCH: Final = 0.3
_CHANCE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Common:
    """What all failures share: `words` such as "batch_size > 400", and how likely chance does that."""

    parameter: str
    words: str
    chance: float


def many_failures(view: View, _: float) -> Iterator[Finding]:
    state = view.trials.texts["state"]
    failed, ended = state.among(("failed",)), state.among(("failed", "completed", "stopped"))
    count, of = int(failed.sum()), int(ended.sum())
    if count >= FEWEST and count > _MUCH * of:
        reasons = view.trials.texts["reason"]
        rows = np.flatnonzero(failed)
        names, counts = np.unique([text or "unknown" for text in reasons.texts(rows)], return_counts=True)
        top = int(np.argmax(counts))
        said = f"{count} of {of} trials failed, {counts[top]} of them with {names[top]}"
        hint = f"`caviar logs {view.study.name} {view.trials.number[rows[-1]]}` shows the last one's output."
        yield Finding("many_failures", "warning", said, hint, trials=tuple(view.trials.number[rows].tolist()))


def failure_clusters(view: View, _: float) -> Iterator[Finding]:
    """By reason: the one parameter whose values tell the failures from the rest best, if chance would seldom do it."""
    texts = view.trials.texts
    failed = texts["state"].among(("failed",))
    others = np.flatnonzero(texts["state"].among(("completed", "stopped")))
    for reason in texts["reason"].names:
        rows = np.flatnonzero(failed & texts["reason"].among((reason,)))
        if len(rows) < FEWEST or len(others) < FEWEST:
            continue
        found = min(_commons(view, rows, others), key=lambda common: common.chance, default=None)
        if found is not None and found.chance < _CHANCE:
            said = f"all {len(rows)} failures with {reason} have {found.words}"
            hint = "Narrow the range, or add a constraint that leaves such configurations out."
            numbers = tuple(view.trials.number[rows].tolist())
            yield Finding("failure_cluster", "warning", said, hint, found.parameter, numbers)


def _commons(view: View, failed: Rows, others: Rows) -> Iterator[Common]:
    """Of each parameter that is active in all failures; chance: all failures falling there by themselves, times the
    ways that were tried."""
    space, units = view.spec.space, view.trials.units
    active = space.active(units[failed])
    ways = 2 * space.dimension
    for column, name in enumerate(space.columns):
        if not active[:, column].all():
            continue
        bad, good = units[failed, column], units[others, column]
        parameter = space.parameters[name]
        if isinstance(parameter, Choice) and not parameter.ordered:
            yield from _same_label(view, name, bad, good, ways)
            continue
        low, high = float(bad.min()), float(bad.max())
        for side, edge, inside in ((">=", low, good >= low), ("<=", high, good <= high)):
            chance = ways * _share(inside, len(bad)) ** len(bad)
            yield Common(name, f"{name} {side} {labels(space, name, np.array([edge]))[0]}", chance)


def _same_label(view: View, name: str, bad: Floats, good: Floats, ways: int) -> Iterator[Common]:
    space = view.spec.space
    seen = set(labels(space, name, bad))
    if len(seen) == 1:
        (only,) = seen
        same = np.array([each == only for each in labels(space, name, good)])
        yield Common(name, f"{name} = {only}", ways * _share(same, len(bad)) ** len(bad))


def _share(inside: Mask, failures: int) -> float:
    """Of all trials, the failures themselves among them: never 0."""
    return (int(inside.sum()) + failures) / (len(inside) + failures)
