"""The order of a list of trials, and where a page of it begins."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np

from caviar.domain.errors import InvalidInput, Problem, did_you_mean
from caviar.insights.fields import KINDS, PARAMS, Kind, labels_of, numbers_of
from caviar.insights.trial_columns import Floats, Rows
from caviar.insights.views import View

ORDERS: Final = (
    *("number", "value", "step", "round", "state", "origin", "attempts", "seconds"),
    *("created_at", "started_at", "finished_at"),
)
Place = tuple[float | str | None, int]
"""What the last trial of a page has in the field that the list is ordered by, and its number."""


@dataclass(frozen=True, slots=True)
class Order:
    """Trials that lack the field come last, by number, in either direction."""

    name: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> "Order":
        name = text.removeprefix("-")
        parameter = name.removeprefix(PARAMS)
        if name in ORDERS or (parameter != name and parameter.replace(".", "_").isidentifier()):
            return cls(name, text.startswith("-"))
        known = f"takes {', '.join(ORDERS)} or params.<name>, with - before it for descending"
        raise InvalidInput([Problem("/order_by", f"{known}.{did_you_mean(name, ORDERS)}")])

    @property
    def is_text(self) -> bool:
        return KINDS.get(self.name) is Kind.TEXT

    def sorted(self, view: View, rows: Rows) -> Rows:
        keys = self._keys(view)[rows]
        lacking = np.isnan(keys)
        have = rows[~lacking]
        order = np.lexsort((view.trials.number[have], keys[~lacking]))
        return np.concatenate([have[order[::-1] if self.descending else order], rows[lacking]])

    def start(self, view: View, ordered: Rows, place: Place) -> int:
        """The index in `ordered` of the first trial beyond the place."""
        value, number = place
        keys, numbers = self._keys(view)[ordered], view.trials.number[ordered]
        with_key = ~np.isnan(keys)
        if value is None:
            return int((with_key | (numbers <= number)).sum())
        key = self._key(view, value)
        up = (keys < key) | ((keys == key) & (numbers <= number))
        down = (keys > key) | ((keys == key) & (numbers >= number))
        return int(((down if self.descending else up) & with_key).sum())

    def place(self, view: View, row: int) -> Place:
        number = int(view.trials.number[row])
        if self.is_text:
            return labels_of(view, self.name).texts(np.array([row]))[0], number
        value = float(numbers_of(view, self.name)[row])
        return None if np.isnan(value) else value, number

    def _keys(self, view: View) -> Floats:
        """(n,) of texts their rank in the alphabet."""
        if not self.is_text:
            return numbers_of(view, self.name)
        labels = labels_of(view, self.name)
        alphabet = sorted(labels.names)
        ranks = np.array([*(float(alphabet.index(name)) for name in labels.names), np.nan])
        return np.asarray(ranks[labels.codes])

    def _key(self, view: View, value: float | str) -> float:
        """A token may be forged: its value must be of the field's kind."""
        if isinstance(value, str) != self.is_text:
            raise InvalidInput([Problem("/page_token", "is not one of ours")])
        if not isinstance(value, str):
            return float(value)
        alphabet = sorted(labels_of(view, self.name).names)
        rank = bisect_left(alphabet, value)
        return float(rank) if rank < len(alphabet) and alphabet[rank] == value else rank - 0.5
