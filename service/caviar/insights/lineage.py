"""Where a study comes from and what came of it: parents, forks, canaries, re-tunes and their verdicts."""

from typing import Any

from caviar.insights.documents import Document, timestamp
from caviar.storage import retunes, studies
from caviar.storage.database import Snapshot
from caviar.storage.rows import RetuneRow, StudyRow

MOST = 500
"""Studies that one answer shows."""


def lineage(snapshot: Snapshot, study: StudyRow) -> Document:
    """The whole tree the study stands in, parents before children, and every re-tune in it, oldest first."""
    root = _root(snapshot, study)
    found: list[StudyRow] = []
    todo = [root]
    while todo and len(found) < MOST:
        each = todo.pop(0)
        found.append(each)
        todo += studies.children_of(snapshot, each.id)
    looked = [retune_document(row) for each in found for row in retunes.of_study(snapshot, each.id)]
    looked.sort(key=lambda row: row["created_at"] or "")
    return {"studies": [_study(each, study.id) for each in found], "retunes": looked}


def retune_document(row: RetuneRow) -> Document:
    return {
        "id": row.id,
        "study_id": row.study_id,
        "state": row.state,
        "trigger": row.trigger,
        "note": row.note,
        "canary_id": row.canary_id,
        "successor_id": row.successor_id,
        "data": row.plan.get("data"),
        "verdict": row.verdict,
        "created_at": timestamp(row.created_at),
        "decided_at": timestamp(row.decided_at),
    }


def _root(snapshot: Snapshot, study: StudyRow) -> StudyRow:
    seen = {study.id}
    while study.parent_id is not None and study.parent_id not in seen:
        parent = studies.get(snapshot, study.parent_id)
        if parent is None or parent.deleted_at is not None:
            return study
        study = parent
        seen.add(study.id)
    return study


def _study(study: StudyRow, asked: str) -> dict[str, Any]:
    return {
        "id": study.id,
        "name": study.name,
        "kind": (study.origin or {}).get("kind", "study"),
        "parent_id": study.parent_id,
        "state": study.state.value,
        "best": study.best_value,
        "data": study.spec.get("data"),
        "fingerprint": study.fingerprint,
        "asked": study.id == asked,
        "created_at": timestamp(study.created_at),
    }
