"""Assignments that wait at the agent for a slot, by the work they belong to."""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from caviar_workers.protocol import Assignment, StudyWork, Train
from caviar_workers.shapes import Shape


@dataclass(frozen=True, slots=True)
class Kind:
    """What assignments of equal work share."""

    key: str
    """Of a study and how it trains: another `train` is another kind."""
    train: Train
    shape: Shape
    work: bytes
    """As slots take it: JSON of `key` and `train`."""

    @property
    def bundle(self) -> str | None:
        return self.train.bundle

    @classmethod
    def of(cls, study: str, train: Train) -> Kind:
        document = train.model_dump(mode="json")
        digest = hashlib.blake2b(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
        key = f"{study}:{digest}"
        return cls(key, train, Shape.of(train.resources), orjson.dumps({"key": key, "train": document}))


@dataclass(slots=True)
class Pile:
    """Assignments of one kind, in the order they came."""

    kind: Kind
    since: float
    """When it began to wait."""
    seconds: float | None = None
    slots: int | None = None
    """In how many slots at once."""
    assignments: deque[Assignment] = field(default_factory=deque)


class Waiting:
    """Kinds take turns: the one that was served last is asked last."""

    def __init__(self) -> None:
        self._piles: OrderedDict[str, Pile] = OrderedDict()
        self._kinds: dict[str, Kind] = {}
        """By study, the last one seen."""
        self._works: dict[str, StudyWork] = {}
        self._ids: set[str] = set()

    def add(self, study: str, work: StudyWork, assignments: Iterable[Assignment], now: float) -> None:
        kind = self._kinds.get(study)
        if kind is None or kind.train != work.train:
            kind = self._kinds[study] = Kind.of(study, work.train)
        self._works[kind.key] = work
        self.put_back(kind, assignments, now, first=False)

    def put_back(self, kind: Kind, assignments: Iterable[Assignment], now: float, *, first: bool = True) -> None:
        """Assignments that wait (again), before the others unless told so."""
        fresh = [assignment for assignment in assignments if assignment.attempt not in self._ids]
        if not fresh:
            return
        pile = self._piles.get(kind.key)
        if pile is None:
            pile = self._piles[kind.key] = Pile(kind, now)
        if work := self._works.get(kind.key):
            pile.seconds, pile.slots = work.seconds, work.slots
        if first:
            pile.assignments.extendleft(reversed(fresh))
        else:
            pile.assignments.extend(fresh)
        self._ids.update(assignment.attempt for assignment in fresh)

    def take(self, kind: Kind, count: int) -> list[Assignment]:
        pile = self._piles[kind.key]
        taken = [pile.assignments.popleft() for _ in range(min(count, len(pile.assignments)))]
        self._ids.difference_update(assignment.attempt for assignment in taken)
        self._settle(pile)
        if pile.assignments:
            self._piles.move_to_end(kind.key)
        return taken

    def remove(self, attempt: str) -> bool:
        """Takes one out. Whether it was here."""
        if attempt not in self._ids:
            return False
        self._ids.remove(attempt)
        for pile in list(self._piles.values()):
            pile.assignments = deque(each for each in pile.assignments if each.attempt != attempt)
            self._settle(pile)
        return True

    def slots_of(self, kind: Kind) -> int | None:
        """In how many slots at once trials of this kind may run."""
        work = self._works.get(kind.key)
        return work.slots if work else None

    def piles(self) -> list[Pile]:
        return list(self._piles.values())

    def ids(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, attempt: str) -> bool:
        return attempt in self._ids

    def _settle(self, pile: Pile) -> None:
        if not pile.assignments:
            del self._piles[pile.kind.key]
