"""Trials: one, a page of them in any order and through any filter, the best first."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_

from caviar.domain.errors import InvalidInput, NotFound, Problem, did_you_mean
from caviar.domain.ids import is_uuid
from caviar.insights.documents import Document, attempt_document, ranked_document, trial_document
from caviar.insights.filters import compile_filter
from caviar.insights.pages import Page, page_key, page_token
from caviar.storage import attempts, studies, trials
from caviar.storage.database import Snapshot
from caviar.storage.json_values import number_at
from caviar.storage.rows import StudyRow, TrialRow
from caviar.storage.tables import trials as table

ORDERS = ("number", "value", "step", "round", "state", "attempts", "seconds", "created_at", "started_at", "finished_at")
_NEVER_NULL = {"number", "round", "state", "attempts", "created_at"}


def find_trial(snapshot: Snapshot, trial_id: str) -> TrialRow:
    """Raises NotFound, also for a trial of a study that was deleted."""
    trial = trials.get(snapshot, trial_id) if is_uuid(trial_id) else None
    if trial is None or study_of(snapshot, trial).deleted_at is not None:
        raise NotFound("There is no such trial.")
    return trial


def find_number(snapshot: Snapshot, study: StudyRow, number: int) -> TrialRow:
    trial = trials.by_number(snapshot, study.id, number) if 0 <= number < 2**31 else None
    if trial is None:
        raise NotFound(f"The study has no trial {number}: {study.next_number} were made so far.")
    return trial


def study_of(snapshot: Snapshot, trial: TrialRow) -> StudyRow:
    study = studies.get(snapshot, trial.study_id)
    assert study is not None
    return study


def trial_attempts(snapshot: Snapshot, trial: TrialRow) -> list[Document]:
    return [attempt_document(attempt) for attempt in attempts.of_trial(snapshot, trial.id)]


def ranking(snapshot: Snapshot, study: StudyRow, limit: int) -> list[Document]:
    """Completed trials with a finite value, best first; of equals the lowest number first."""
    best_first = table.c.value.asc() if study.spec["metric"]["goal"] == "minimize" else table.c.value.desc()
    where = (table.c.state == "completed", table.c.value.is_not(None))
    ranked = trials.page(snapshot, study.id, where=where, order=(best_first, table.c.number), limit=limit)
    return [ranked_document(trial) for trial in ranked]


@dataclass(frozen=True, slots=True)
class Query:
    """What the pages of one list have in common."""

    states: frozenset[str] = frozenset()
    order_by: str = "number"
    filter: str | None = None

    def where(self) -> list[ColumnElement[bool]]:
        terms: list[ColumnElement[bool]] = []
        if self.states:
            terms.append(table.c.state.in_(sorted(self.states)))
        if self.filter is not None:
            terms.append(compile_filter(self.filter))
        return terms


def list_trials(snapshot: Snapshot, study: StudyRow, query: Query, *, limit: int, token: str | None) -> Page:
    """A page. Trials that lack the value they are ordered by come last, by number, in either direction."""
    name = f"trials {study.id} {sorted(query.states)} {query.order_by} {query.filter}"
    order = _Order.parse(query.order_by)
    key = page_key(name, token, ((int, float, str, type(None)), int))
    found = _fetch(snapshot, study, query.where(), order, key, limit + 1)
    shown, more = found[:limit], len(found) > limit
    following = page_token(name, [order.value_of(shown[-1]), shown[-1].number]) if more else None
    return Page([trial_document(trial) for trial in shown], following)


@dataclass(frozen=True, slots=True)
class _Order:
    name: str
    column: ColumnElement[Any]
    descending: bool

    @classmethod
    def parse(cls, text: str) -> "_Order":
        name = text.removeprefix("-")
        if name in ORDERS:
            return cls(name, table.c[name], text.startswith("-"))
        parameter = name.removeprefix("params.")
        if parameter != name and parameter.replace(".", "_").isidentifier():
            return cls(name, number_at(table.c.params, parameter), text.startswith("-"))
        known = f"takes {', '.join(ORDERS)} or params.<name>, with - before it for descending"
        raise InvalidInput([Problem("/order_by", f"{known}.{did_you_mean(name, ORDERS)}")])

    @property
    def nullable(self) -> bool:
        return self.name not in _NEVER_NULL

    def directed(self) -> tuple[ColumnElement[Any], ...]:
        if self.name == "number":
            return (self._directed(table.c.number),)
        return self._directed(self.column), self._directed(table.c.number)

    def beyond(self, value: Any, number: int) -> ColumnElement[bool]:
        """Later in this order than the key."""
        here, there = tuple_(self.column, table.c.number), tuple_(literal(value), literal(number))
        return here < there if self.descending else here > there

    def value_of(self, trial: TrialRow) -> int | float | str | None:
        if self.name.startswith("params."):
            value = trial.params.get(self.name.removeprefix("params."))
            return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        value = getattr(trial, self.name)
        return str(value) if self.name == "state" else value

    def _directed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column.desc() if self.descending else column.asc()


def _fetch(
    snapshot: Snapshot,
    study: StudyRow,
    where: list[ColumnElement[bool]],
    order: _Order,
    key: list[Any] | None,
    limit: int,
) -> list[TrialRow]:
    """First those that have the value, along its index; then those that lack it."""
    found: list[TrialRow] = []
    value, number = key or (None, -1)
    if key is None or value is not None:
        terms = [*where, *([order.column.is_not(None)] if order.nullable else [])]
        if key is not None:
            terms.append(order.beyond(_checked(order, value), number))
        found = trials.page(snapshot, study.id, where=terms, order=order.directed(), limit=limit)
        number = -1
    if order.nullable and len(found) < limit:
        lacking = [*where, order.column.is_(None), table.c.number > number]
        found += trials.page(snapshot, study.id, where=lacking, order=(table.c.number,), limit=limit - len(found))
    return found


def _checked(order: _Order, value: Any) -> Any:
    """A token may be forged: its value must be of the column's kind, or PostgreSQL refuses the comparison."""
    if isinstance(value, str) != (order.name == "state"):
        raise InvalidInput([Problem("/page_token", "is not one of ours")])
    return value


def parse_states(text: str | None, known: Collection[str]) -> frozenset[str]:
    """`completed,failed` as a set. Raises InvalidInput for a state there is not."""
    wanted = frozenset(part.strip() for part in text.split(",")) if text else frozenset[str]()
    unknown = sorted(wanted - set(known))
    if unknown:
        said = f"{unknown[0]!r} is no state: {', '.join(known)}.{did_you_mean(unknown[0], known)}"
        raise InvalidInput([Problem("/state", said)])
    return wanted
