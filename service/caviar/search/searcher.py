"""The seam between search and everything else: what is asked, what is answered, what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from caviar.domain.parameters import Value
from caviar.search.history import History

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A configuration for trial `number`; `unit` is its point in the cube, `origin` says how it was found."""

    number: int
    params: dict[str, Value]
    unit: NDArray[np.float64] = field(compare=False)
    round: int
    origin: str


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a round's box. `moved_by` are the trials that moved it; empty when it stayed.

    Unordered choices have no low and high but `weights`, by label (see `labels`).
    """

    parameter: str
    low: Value
    high: Value
    unit_low: float
    unit_high: float
    weights: Mapping[str, float] | None = None
    moved_by: tuple[int, ...] = ()
    rule: str = "start"
    reason: str = ""

    def to_document(self) -> Document:
        weights = None if self.weights is None else dict(self.weights)
        return {
            "parameter": self.parameter,
            "low": self.low,
            "high": self.high,
            "unit_low": self.unit_low,
            "unit_high": self.unit_high,
            "weights": weights,
            "moved_by": list(self.moved_by),
            "rule": self.rule,
            "reason": self.reason,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Bound:
        return cls(**{**document, "moved_by": tuple(document["moved_by"])})


@dataclass(frozen=True, slots=True)
class Round:
    """A region the search samples from `first_number` on, until the next round of the same `box`.

    `finished` trials stood when it was drawn, `inside` of them in the region, `best` the number of the best of
    those. `rule` is start, open, zoom, close, edit, or learn: the model was refitted and no bound moved;
    `space_version` counts edits of the space. `model` holds what was fitted then (length-scales by parameter,
    `*noise`, `*trend`, `*rough`), so that a search restarted from its stored rounds goes on as if nothing had happened.
    """

    index: int
    box: int
    first_number: int
    finished: int
    bounds: tuple[Bound, ...]
    reason: str
    rule: str = "start"
    inside: int = 0
    best: int | None = None
    model: Mapping[str, float] | None = None
    space_version: int = 1

    def to_document(self) -> Document:
        return {
            "index": self.index,
            "box": self.box,
            "first_number": self.first_number,
            "finished": self.finished,
            "bounds": [bound.to_document() for bound in self.bounds],
            "reason": self.reason,
            "rule": self.rule,
            "inside": self.inside,
            "best": self.best,
            "model": None if self.model is None else dict(self.model),
            "space_version": self.space_version,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Round:
        bounds = tuple(Bound.from_document(bound) for bound in document["bounds"])
        return cls(**{**document, "bounds": bounds})


@dataclass(frozen=True, slots=True)
class Plan:
    """Suggestions for consecutive numbers, the rounds that were opened for them, and whether the space is used up."""

    suggestions: tuple[Suggestion, ...]
    rounds: tuple[Round, ...] = ()
    exhausted: bool = False


class Searcher(Protocol):
    """A pure function of what it is given: the same arguments give the same plan, in any process."""

    @property
    def thinks(self) -> bool:
        """Whether a call takes milliseconds: such a searcher is never called inside a transaction."""
        ...

    def suggest(self, history: History, rounds: Sequence[Round], first: int, count: int) -> Plan:
        """Suggest trials first … first+count-1; fewer, with `exhausted`, when the space has no more to give.

        `rounds` are all rounds stored so far, by index. Rounds in the plan are to be stored with its suggestions.
        """
        ...
