"""When a round closes, and what the next one looks like: a function of the history and the rounds stored so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.region import Region, places_of
from caviar.search.coarse_to_fine.words import Elite, moved_bounds, region_of, starting_bounds, summary
from caviar.search.coarse_to_fine.zoom import resolution, zoomed
from caviar.search.searcher import Bound, Round

ROOT = 0
LEARN = "learn"
"""The rule of a round that tells what the model has come to see, and moves no bound."""
_BOXES = 2
_BEST_SHARE, _FEWEST_BEST = 0.2, 3
_SMALL, _PATIENCE = 0.08, 4
_OVERDUE = 3
_NEAR = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A box as its rounds tell: `level` rounds old, `stale` of them in a row without a better result."""

    number: int
    region: Region
    level: int
    stale: int
    last: Round


def live_boxes(space: Space, rounds: Sequence[Round], evidence: Evidence) -> tuple[Box, ...]:
    """The zoomed boxes that are still searched, oldest first; the whole space is not among them. An edited space
    begins with a new round of it, and with no boxes."""
    histories: dict[int, list[Round]] = {}
    for record in rounds:
        if record.box != ROOT:
            histories.setdefault(record.box, []).append(record)
        elif record.rule != LEARN:
            histories.clear()
    return tuple(
        Box(number, region_of(space, records[-1].bounds), len(records), _stale(records, evidence), records[-1])
        for number, records in histories.items()
        if records[-1].rule != "close"
    )


def new_rounds(space: Space, rounds: Sequence[Round], evidence: Evidence, first: int, enough: int) -> list[Round]:
    """The rounds that are due now: none, or one for each box that has results enough, opens or closes.

    Trials that still run hold nothing up. `enough` results make the first, coarse round.
    """
    if not rounds:
        return [_whole(space, first)]
    if len(evidence) < enough:
        return []
    boxes = live_boxes(space, rounds, evidence)
    draft = _Draft(space, evidence, places_of(space, evidence.units), len(rounds), first)
    reasons = {box.number: reason for box in boxes if (reason := draft.reason_to_close(box))}
    closing = [draft.close(box, reasons[box.number]) for box in boxes if box.number in reasons]
    living = [box for box in boxes if box.number not in reasons]
    opening = draft.open(living, rounds, enough) if len(living) < _BOXES else None
    moving = [draft.zoom(box) for box in living if draft.due(box)]
    records = [*closing, *([opening] if opening else []), *moving]
    return [replace(record, index=len(rounds) + place) for place, record in enumerate(records)]


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """Writes rounds; their index is set when all of them are known. `places` are those of the evidence."""

    space: Space
    evidence: Evidence
    places: NDArray[np.float64]
    index: int
    first: int

    def due(self, box: Box) -> bool:
        """A round's worth of fresh results inside, or so many elsewhere that the box would wait for ever."""
        return self._fresh(box) >= _need(self.space, box) or self._overdue(box)

    def reason_to_close(self, box: Box) -> str | None:
        """It is small and no longer improves; or nothing in it was found worth trying for long."""
        if _finished(self.space, box):
            return f"box {box.number} is small and has not improved in {box.stale} rounds: closed"
        if self._overdue(box) and self._fresh(box) < _FEWEST_BEST:
            since = len(self.evidence) - box.last.finished
            return f"of the last {since} trials {self._fresh(box)} were in box {box.number}: closed"
        return None

    def _fresh(self, box: Box) -> int:
        return int(box.region.contains(self.places).sum()) - box.last.inside

    def _overdue(self, box: Box) -> bool:
        return len(self.evidence) - box.last.finished >= _OVERDUE * _need(self.space, box)

    def close(self, box: Box, reason: str) -> Round:
        bounds = tuple(replace(bound, moved_by=(), rule="stay") for bound in box.last.bounds)
        return self._record(box.number, bounds, reason, "close", box.region)

    def zoom(self, box: Box) -> Round:
        rows = np.flatnonzero(box.region.contains(self.places))
        fresh = self._fresh(box)
        return self._onto(
            box.number,
            box.region,
            rows,
            box.level,
            f"{fresh} new result{'' if fresh == 1 else 's'} in box {box.number}",
        )

    def open(self, living: Sequence[Box], rounds: Sequence[Round], enough: int) -> Round | None:
        """A box around the best result that no other covers, once the last opening is a coarse round ago."""
        last = max((record.finished for record in _since_the_root(rounds) if record.rule == "open"), default=-enough)
        if living and len(self.evidence) - last < enough:
            return None
        rows = self._uncovered(living)
        if rows is None:
            return None
        number = max(record.box for record in rounds) + 1
        why = f"box {number} opens around trial #{self.evidence.numbers[rows[0]]}"
        return self._onto(number, Region.whole(self.space), rows, 0, why, rule="open")

    def _uncovered(self, living: Sequence[Box]) -> NDArray[np.intp] | None:
        """Rows of results outside every living box; beside other boxes, only those near the best of them."""
        losses, places = self.evidence.losses, self.places
        free = np.ones(len(losses), bool)
        for box in living:
            free &= ~box.region.contains(places, margin=_NEAR)
        rows = np.flatnonzero(free)
        if len(rows) < _FEWEST_BEST:
            return None
        rows = rows[np.argsort(losses[rows], kind="stable")]
        if not living:
            return rows
        if losses[rows[0]] > np.quantile(losses, 0.25):
            return None
        gaps = np.nansum((places[rows] - places[rows[0]])[:, ~self.space.is_choice] ** 2, axis=1)
        return rows[np.argsort(gaps, kind="stable")[: max(_FEWEST_BEST, len(rows) // 3)]]

    def _onto(
        self, number: int, region: Region, rows: NDArray[np.intp], level: int, why: str, rule: str = "zoom"
    ) -> Round:
        if not len(rows):
            return self._record(number, starting_bounds(self.space, region), f"{why}: none to move onto", rule, region)
        order = rows[np.argsort(self.evidence.losses[rows], kind="stable")]
        best = order[: max(_FEWEST_BEST, int(np.ceil(_BEST_SHARE * len(order))))]
        elite = Elite(self.evidence.numbers[best], self.places[best], len(rows))
        moved = zoomed(self.space, region, elite.units, level=level)
        bounds = moved_bounds(self.space, region, moved, elite)
        return self._record(number, bounds, f"{why}: {summary(bounds)}", rule, moved)

    def _record(self, box: int, bounds: tuple[Bound, ...], reason: str, rule: str, region: Region) -> Round:
        inside = np.flatnonzero(region.contains(self.places))
        best = int(inside[np.argmin(self.evidence.losses[inside])]) if len(inside) else None
        return Round(
            index=self.index,
            box=box,
            first_number=self.first,
            finished=len(self.evidence),
            bounds=bounds,
            reason=reason,
            rule=rule,
            inside=len(inside),
            best=None if best is None else int(self.evidence.numbers[best]),
        )


def _whole(space: Space, first: int) -> Round:
    bounds = starting_bounds(space, Region.whole(space))
    return Round(0, ROOT, first, 0, bounds, "the whole space, sampled evenly")


def edited(space: Space, index: int, first: int, reason: str) -> Round:
    """The round that an edit of the space by hand begins."""
    bounds = starting_bounds(space, Region.whole(space))
    return Round(index, ROOT, first, 0, bounds, reason, "edit")


def _since_the_root(rounds: Sequence[Round]) -> Sequence[Round]:
    begins = (place for place, record in enumerate(rounds) if record.box == ROOT and record.rule != LEARN)
    start = max(begins, default=0)
    return rounds[start:]


def _need(space: Space, box: Box) -> int:
    """Fresh results that make a round."""
    return max(6, space.dimension) if box.level < 8 else max(8, 2 * space.dimension)


def _finished(space: Space, box: Box) -> bool:
    small = np.maximum(_SMALL, np.where(space.cells > 0, 1.01 * resolution(space), 0))
    return box.stale >= _PATIENCE and bool(np.all((box.region.width <= small) | space.is_choice))


def _stale(records: Sequence[Round], evidence: Evidence) -> int:
    """Rounds in a row whose best is no better, by a thousandth of the spread, than the best before."""
    margin = 1e-3 * float(np.median(evidence.losses) - evidence.losses.min()) if len(evidence) else 0.0
    best, stale = np.inf, 0
    for record in records:
        loss = _loss_of(record.best, evidence)
        stale = 0 if loss < best - margin or np.isinf(best) else stale + 1
        best = min(best, loss)
    return stale


def _loss_of(number: int | None, evidence: Evidence) -> float:
    row = -1 if number is None else int(np.searchsorted(evidence.numbers, number))
    known = 0 <= row < len(evidence) and evidence.numbers[row] == number
    return float(evidence.losses[row]) if known else np.inf
