"""A study's trials by column, in memory: what pictures, filters, importance and health are computed from.

Immutable: catching up makes a new one (at 100,000 trials a few milliseconds of copying), so that who reads one keeps
what he read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

NUMBERS: Final = (
    *("round", "value", "step", "attempts", "failures", "losses", "seconds", "touched"),
    *("created_at", "started_at", "finished_at"),
)
TEXTS: Final = ("state", "origin", "node", "client", "reason")
FIELDS: Final = ("number", "unit", *NUMBERS, *TEXTS)
"""What a row holds from which these are made, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Texts as (n,) codes into `names`; -1 is none."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str | None], known: Sequence[str] = ()) -> "Labels":
        """With the codes that `known` names have already."""
        code: dict[str | None, int] = {name: index for index, name in enumerate(known)}
        codes = [-1 if text is None else code.setdefault(text, len(code)) for text in texts]
        return cls(np.array(codes, np.int32), tuple(str(name) for name in code))

    def among(self, wanted: Collection[str]) -> Mask:
        codes = [index for index, name in enumerate(self.names) if name in wanted]
        return np.isin(self.codes, codes)

    def texts(self, rows: Rows) -> list[str | None]:
        names = (*self.names, None)
        return [names[code] for code in self.codes[rows].tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class TrialColumns:
    """Rows are trials in the order of their numbers. `units` (n, d) are their points in the unit cube, `numbers` and
    `texts` the fields of the same names; NaN and -1 stand for what a trial lacks."""

    number: NDArray[np.int64]
    units: Floats
    numbers: Mapping[str, Floats]
    texts: Mapping[str, Labels]

    def __len__(self) -> int:
        return len(self.number)

    @classmethod
    def empty(cls, dimension: int) -> "TrialColumns":
        none = {name: np.empty(0) for name in NUMBERS}
        return cls(np.empty(0, np.int64), np.empty((0, dimension)), none, {name: Labels.of(()) for name in TEXTS})

    def updated(self, rows: Sequence[Sequence[Any]]) -> "TrialColumns":
        """With trials that came or changed: rows of FIELDS in any order, each trial once."""
        if not rows:
            return self
        found = dict(zip(FIELDS, zip(*rows, strict=True), strict=True))
        number = np.array(found["number"], np.int64)
        merge = _Merge.of(self.number, number)
        units = _matrix(found["unit"], self.units.shape[1])
        return TrialColumns(
            merge(self.number, number),
            merge(self.units, units),
            {name: merge(self.numbers[name], np.array(found[name], np.float64)) for name in NUMBERS},
            {name: merge.labels(self.texts[name], found[name]) for name in TEXTS},
        )

    def rows_of(self, numbers: Iterable[int]) -> Rows:
        """The rows of those of the trials that there are."""
        wanted = np.unique(np.fromiter(numbers, np.int64))
        places = np.searchsorted(self.number, wanted)
        there = places < len(self)
        there[there] = self.number[places[there]] == wanted[there]
        return places[there]


def _matrix(units: Sequence[bytes], dimension: int) -> Floats:
    """(n, d). A point of a space that had other parameters then stands in the middle of what it lacks."""
    whole = np.frombuffer(b"".join(units))
    if len(whole) == len(units) * dimension and len({len(each) for each in units}) == 1:
        return whole.reshape(len(units), dimension)
    matrix = np.full((len(units), dimension), 0.5)
    for row, each in enumerate(units):
        point = np.frombuffer(each)[:dimension]
        matrix[row, : len(point)] = point
    return matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Merge:
    """How old rows and new ones come together: which of the old stay, and the order of both (None: as they are)."""

    kept: Mask | None
    order: Rows | None

    @classmethod
    def of(cls, old: NDArray[np.int64], new: NDArray[np.int64]) -> "_Merge":
        stays = ~np.isin(old, new)
        kept = None if stays.all() else stays
        together = np.concatenate([old if kept is None else old[kept], new])
        in_order = bool(np.all(np.diff(together) > 0))
        return cls(kept, None if in_order else np.argsort(together, kind="stable"))

    def __call__(self, old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        together = np.concatenate([old if self.kept is None else old[self.kept], new])
        return together if self.order is None else together[self.order]

    def labels(self, old: Labels, texts: Iterable[str | None]) -> Labels:
        new = Labels.of(texts, old.names)
        return Labels(self(old.codes, new.codes), new.names)
