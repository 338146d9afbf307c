"""Lists of studies: searched, sorted, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select

from caviar.domain.states import TrialState, is_terminal
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow
from caviar.storage.studies import row_of
from caviar.storage.tables import studies

_ENDED: Final = reduce(add, (studies.c[state.value] for state in TrialState if is_terminal(state)))
ORDERS: Final[Mapping[str, ColumnElement[Any]]] = {
    **{name: studies.c[name] for name in ("created_at", "started_at", "finished_at", "state", "compute_seconds")},
    "name": func.lower(studies.c.name),
    "best": studies.c.best_value,
    "ended": _ENDED,
    "running": studies.c.running,
    "failed": studies.c.failed,
}
TEXTS: Final = frozenset({"name", "state"})
"""Of the orders, those by text; the rest is by number."""
Key = tuple[Any, str]
"""What the last study of a page has in the column that the list is ordered by (None: nothing), and its id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`words`: each is somewhere among the keywords. `order` is a key of ORDERS."""

    states: Collection[str] = ()
    words: Sequence[str] = ()
    order: str = "created_at"
    descending: bool = True


def page(snapshot: Snapshot, wanted: Wanted, *, limit: int, after: Key | None = None) -> list[tuple[StudyRow, Any]]:
    """(study, what it has in the column of the order), from behind the key. Those that have nothing come last."""
    by = ORDERS[wanted.order]
    where: list[ColumnElement[bool]] = [studies.c.deleted_at.is_(None)]
    where += [studies.c.state.in_(wanted.states)] if wanted.states else []
    where += [studies.c.keywords.contains(word.lower(), autoescape=True) for word in wanted.words]
    where += [] if after is None else [_behind(by, after, descending=wanted.descending)]
    value, number = (by.desc(), studies.c.id.desc()) if wanted.descending else (by.asc(), studies.c.id.asc())
    ordered = select(studies, by).where(*where).order_by(by.is_(None), value, number).limit(limit)
    return [(row_of(row[:-1]), row[-1]) for row in snapshot.connection.execute(ordered)]


def _behind(by: ColumnElement[Any], after: Key, *, descending: bool) -> ColumnElement[bool]:
    value, study_id = after
    later = studies.c.id < study_id if descending else studies.c.id > study_id
    if value is None:
        return by.is_(None) & later
    beyond = by < value if descending else by > value
    return or_(beyond, (by == value) & later, by.is_(None))
