"""Studies: found by id or name, shown with their best trial and how far they are, listed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from caviar.domain.errors import InvalidInput, NotFound, Problem, did_you_mean
from caviar.domain.ids import is_uuid
from caviar.engine.annotate import SEPARATOR
from caviar.insights.documents import Best, Document, counts, inherited_document, study_document
from caviar.insights.pages import Page, page_key, page_token
from caviar.insights.progress import progress
from caviar.storage import inherited, search_state, studies, study_lists, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow
from caviar.storage.study_lists import ORDERS, TEXTS, Key, Wanted

CHANGES_SHOWN = 200
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,199}")


def find_study(snapshot: Snapshot, reference: str) -> StudyRow:
    """By id, or by name: the unfinished study of that name, else the newest. Raises NotFound."""
    study = None
    if is_uuid(reference):
        study = studies.get(snapshot, reference)
    elif _NAME.fullmatch(reference):
        study = studies.find(snapshot, reference)
    if study is None or study.deleted_at is not None:
        raise NotFound("There is no such study.", hint="`caviar ls` lists them.")
    return study


def show_study(snapshot: Snapshot, study: StudyRow) -> Document:
    return _documents(snapshot, [study])[0]


@dataclass(frozen=True, slots=True)
class Query:
    """What the pages of one list have in common. `search`: words that all stand in the name, a label or the notes;
    `label`: `key=value` that a study has. `order_by` is a key of ORDERS, with - before it for descending."""

    states: frozenset[str] = frozenset()
    search: str = ""
    label: str | None = None
    order_by: str = "-created_at"

    def wanted(self) -> Wanted:
        """Raises InvalidInput."""
        name = self.order_by.removeprefix("-")
        if name not in ORDERS:
            said = f"takes {', '.join(ORDERS)}, with - before it for descending.{did_you_mean(name, ORDERS)}"
            raise InvalidInput([Problem("/order_by", said)])
        whole = [] if self.label is None else [f"{SEPARATOR}{self.label}{SEPARATOR}"]
        return Wanted(self.states, [*self.search.split(), *whole], name, self.order_by.startswith("-"))


def list_studies(snapshot: Snapshot, query: Query, *, limit: int, token: str | None) -> Page:
    wanted = query.wanted()
    name = f"studies {sorted(query.states)} {query.search!r} {query.label!r} {query.order_by}"
    after = page_key(name, token, ((int, float, str, type(None)), str))
    found = study_lists.page(snapshot, wanted, limit=limit + 1, after=None if after is None else _place(after, wanted))
    shown, more = found[:limit], len(found) > limit
    following = page_token(name, [shown[-1][1], shown[-1][0].id]) if more else None
    return Page(_documents(snapshot, [study for study, _ in shown]), following)


def study_rounds(snapshot: Snapshot, study: StudyRow) -> list[Document]:
    """Each round as the search drew it: its bounds, and what moved each of them."""
    return [dict(stored.document) for stored in search_state.rounds_of(snapshot, study.id)]


def study_inherited(snapshot: Snapshot, study: StudyRow, limit: int) -> list[Document]:
    """Results of other studies that count as history here, and those left out, with the reason."""
    return [inherited_document(row) for row in inherited.of_study(snapshot, study.id, limit=limit)]


def changes(snapshot: Snapshot, study: StudyRow, after_revision: int) -> Document:
    """What a dashboard has to fetch anew: up to 200 [number, state] of the trials changed since, oldest first."""
    changed = trials.changed_numbers(snapshot, study.id, after_revision, CHANGES_SHOWN)
    return {
        "revision": study.revision,
        "state": study.state.value,
        "counts": counts(study),
        "changed": [[number, state] for number, state in changed],
    }


def _place(key: list[Any], wanted: Wanted) -> Key:
    """A token may be forged: its value must be of the column's kind."""
    value, study_id = key
    if value is not None and isinstance(value, str) != (wanted.order in TEXTS):
        raise InvalidInput([Problem("/page_token", "is not one of ours")])
    return value, study_id if is_uuid(study_id) else "00000000-0000-7000-8000-000000000000"


def _documents(snapshot: Snapshot, shown: Sequence[StudyRow]) -> list[Document]:
    wanted = [(study.id, study.best_number) for study in shown if study.best_number is not None]
    params: dict[Best, dict[str, Any]] = trials.params_of(snapshot, wanted)
    return [{**study_document(study, params), "progress": progress(study)} for study in shown]
