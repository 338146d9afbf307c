"""Studies: found by id or name, shown with their best trial, listed newest first."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from caviar.domain.errors import NotFound
from caviar.domain.ids import is_uuid
from caviar.insights.documents import Best, Document, counts, inherited_document, study_document
from caviar.insights.pages import Page, page_key, page_token
from caviar.storage import inherited, search_state, studies, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow

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
    return study_document(study, _best_params(snapshot, [study]))


def list_studies(snapshot: Snapshot, *, states: Collection[str], limit: int, token: str | None) -> Page:
    query = f"studies {sorted(states)}"
    key = page_key(query, token, (float, str))
    before = None if key is None else _before(key)
    found = studies.page(snapshot, limit=limit + 1, before=before, states=states)
    shown, more = found[:limit], len(found) > limit
    params = _best_params(snapshot, shown)
    following = page_token(query, [shown[-1].created_at, shown[-1].id]) if more else None
    return Page([study_document(study, params) for study in shown], following)


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


def _before(key: list[Any]) -> tuple[float, str]:
    at, study_id = key
    return at, study_id if is_uuid(study_id) else "00000000-0000-7000-8000-000000000000"


def _best_params(snapshot: Snapshot, shown: Sequence[StudyRow]) -> dict[Best, dict[str, Any]]:
    wanted = [(study.id, study.best_number) for study in shown if study.best_number is not None]
    return trials.params_of(snapshot, wanted)
