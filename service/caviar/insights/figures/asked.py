"""What a picture is asked for, and what it is drawn from."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from caviar.domain.errors import InvalidInput, Problem, did_you_mean
from caviar.domain.space import Space
from caviar.insights.trial_columns import Floats, Mask, Rows, TrialColumns
from caviar.insights.views import View
from caviar.storage.database import Snapshot

Along = Literal["number", "time", "compute"]
MOST_PARAMETERS: Final = 12
"""Shown when nobody says which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`x`: what a history runs along. `states`, `origins`: only these trials (empty: all). `params`: only these
    parameters, in this order. `best`: how many of the best are shown whatever else is thinned. `trials`: numbers that
    are shown in any case."""

    x: Along = "number"
    states: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    params: tuple[str, ...] = ()
    best: int = 20
    trials: tuple[int, ...] = ()
    metric: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a picture is drawn from: the trials by column, and the snapshot for what is not in them."""

    snapshot: Snapshot
    view: View
    asked: Asked

    @property
    def trials(self) -> TrialColumns:
        return self.view.trials

    @property
    def space(self) -> Space:
        return self.view.spec.space

    @property
    def metric(self) -> str:
        return self.view.spec.metric.name

    def chosen(self) -> Mask:
        """The trials that the filters let through. An origin also stands for those derived from it: `audit` for
        `audit:7`."""
        texts, asked = self.trials.texts, self.asked
        mask = np.ones(len(self.trials), np.bool_)
        if asked.states:
            mask &= texts["state"].among(asked.states)
        if asked.origins:
            origin = texts["origin"]
            wanted = [each for each in origin.names if {each, each.partition(":")[0]} & asked.origins]
            mask &= origin.among(wanted)
        return mask

    def kept(self) -> Mask:
        """What is never thinned away: what runs, and what was asked for by number."""
        mask = self.trials.texts["state"].among(("running", "paused"))
        mask[self.trials.rows_of(self.asked.trials)] = True
        return mask

    def parameters(self, most: int = MOST_PARAMETERS) -> list[str]:
        """Those asked for, else the first of the space. Raises InvalidInput for one that is not searched."""
        known = self.space.columns
        for name in self.asked.params:
            if name not in known:
                said = f"{name!r} is no searched parameter: {', '.join(known)}.{did_you_mean(name, known)}"
                raise InvalidInput([Problem("/params", said)])
        return list(dict.fromkeys(self.asked.params))[:most] or list(known[:most])

    def units(self, name: str, rows: Rows) -> Floats:
        """(n,) positions on the parameter's own scale; NaN where it is not active."""
        units = self.trials.units[rows]
        index = self.space.columns.index(name)
        return np.where(self.space.active(units)[:, index], units[:, index], np.nan)


def numbers_of(source: Source, rows: Rows) -> list[int]:
    numbers: list[int] = source.trials.number[rows].tolist()
    return numbers


def rounded(values: Floats, digits: int = 5) -> Floats:
    """Short in JSON: nobody sees a hundred-thousandth of an axis."""
    return np.round(values, digits)
