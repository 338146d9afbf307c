"""A trial's nudges, and the segments they cut it into."""

from collections.abc import Sequence

from caviar.insights.documents import Document, nudge_document
from caviar.storage import nudges
from caviar.storage.database import Snapshot
from caviar.storage.nudges import APPLIED
from caviar.storage.rows import NudgeRow, StudyRow, TrialRow


def trial_nudges(snapshot: Snapshot, trial: TrialRow) -> Document:
    """Oldest first, with the trial's segments."""
    rows = nudges.of_trial(snapshot, trial.id)
    items = [nudge_document(row) for row in rows]
    return {"items": items, "next_page_token": None, "segments": segments(trial, rows)}


def study_nudges(snapshot: Snapshot, study: StudyRow, limit: int) -> Document:
    """The newest first."""
    items = [nudge_document(row) for row in nudges.of_study(snapshot, study.id, limit)]
    return {"items": items, "next_page_token": None}


def segments(trial: TrialRow, rows: Sequence[NudgeRow]) -> list[Document]:
    """Which parameters were in force after which step, up to which: told backwards from those in force now."""
    params, upto = dict(trial.params), None
    found: list[Document] = []
    for nudge in reversed([row for row in rows if row.state == APPLIED]):
        found.append({"after": nudge.step, "upto": upto, "params": params})
        params, upto = _before(params, nudge), nudge.step
    return [{"after": 0.0, "upto": upto, "params": params}, *reversed(found)]


def _before(params: Document, nudge: NudgeRow) -> Document:
    return {**{name: value for name, value in params.items() if name not in nudge.new}, **nudge.old}
