"""Checkpoints: those of a trial, and the account of a study's: what is kept, what was removed and why."""

from caviar.insights.documents import Document, checkpoint_document
from caviar.storage import checkpoints
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow, TrialRow

STATES = (checkpoints.KEPT, checkpoints.REMOVING, checkpoints.REMOVED)


def trial_checkpoints(snapshot: Snapshot, trial: TrialRow) -> list[Document]:
    return [checkpoint_document(row) for row in checkpoints.of_trial(snapshot, trial.id)]


def study_checkpoints(snapshot: Snapshot, study: StudyRow, state: str | None, limit: int) -> Document:
    """The newest first; `totals` by state, of all."""
    found = checkpoints.totals(snapshot, study.id)
    totals = {each: dict(zip(("count", "bytes"), found.get(each, (0, 0)), strict=True)) for each in STATES}
    rows = checkpoints.of_study(snapshot, study.id, state, limit)
    return {"items": [checkpoint_document(row) for row in rows], "next_page_token": None, "totals": totals}
