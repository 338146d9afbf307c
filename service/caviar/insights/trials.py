"""Trials: one, a page of them in any order and through any filter, the best first."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from caviar.domain.errors import InvalidInput, NotFound, Problem, did_you_mean
from caviar.domain.ids import is_uuid
from caviar.insights.documents import Document, attempt_document, ranked_document, trial_document
from caviar.insights.filters import filter_mask
from caviar.insights.pages import Page, page_key, page_token
from caviar.insights.sorting import Order
from caviar.insights.trial_columns import Rows
from caviar.insights.views import View
from caviar.storage import attempts, studies, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow, TrialRow
from caviar.storage.tables import trials as table


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


def selected_rows(view: View, query: Query) -> Rows:
    """Rows of the trials that the query lets through, in its order. Raises InvalidInput."""
    order = Order.parse(query.order_by)
    mask = np.ones(len(view.trials), np.bool_)
    if query.states:
        mask &= view.trials.texts["state"].among(query.states)
    if query.filter is not None:
        mask &= filter_mask(view, query.filter)
    return order.sorted(view, np.flatnonzero(mask))


def list_trials(snapshot: Snapshot, view: View, query: Query, *, limit: int, token: str | None) -> Page:
    """A page: sought in the columns, then only its own trials are read."""
    study = view.study
    name = f"trials {study.id} {sorted(query.states)} {query.order_by} {query.filter}"
    order = Order.parse(query.order_by)
    key = page_key(name, token, ((int, float, str, type(None)), int))
    rows = selected_rows(view, query)
    start = 0 if key is None else order.start(view, rows, (key[0], key[1]))
    page = rows[start : start + limit]
    numbers = view.trials.number[page].tolist()
    found = trials.by_numbers(snapshot, study.id, numbers)
    more = start + limit < len(rows)
    following = page_token(name, list(order.place(view, int(page[-1])))) if more else None
    return Page([trial_document(found[number]) for number in numbers if number in found], following)


def parse_states(text: str | None, known: Collection[str]) -> frozenset[str]:
    """`completed,failed` as a set. Raises InvalidInput for a state there is not."""
    wanted = frozenset(part.strip() for part in text.split(",")) if text else frozenset[str]()
    unknown = sorted(wanted - set(known))
    if unknown:
        said = f"{unknown[0]!r} is no state: {', '.join(known)}.{did_you_mean(unknown[0], known)}"
        raise InvalidInput([Problem("/state", said)])
    return wanted
