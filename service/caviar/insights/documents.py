"""Records as the documents that the API answers: plain dicts, times RFC 3339, fields in the order people read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from caviar.domain.states import TrialState
from caviar.storage.rows import AttemptRow, CheckpointRow, InheritedRow, NudgeRow, StudyRow, TrialRow

Document = dict[str, Any]
Best = tuple[str, int]
"""A study's id and the number of its best trial."""


def timestamp(seconds: float | None) -> str | None:
    """RFC 3339, UTC, microseconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def study_document(study: StudyRow, params: Mapping[Best, dict[str, Any]]) -> Document:
    """`params` holds the configurations of the best trials, by study and number."""
    return {
        "id": study.id,
        "name": study.name,
        "state": study.state.value,
        "reason": _reason(study.reason_code, study.reason_message),
        "spec": study.spec,
        "revision": study.revision,
        "counts": counts(study),
        "best": _best(study, params),
        "created_at": timestamp(study.created_at),
        "started_at": timestamp(study.started_at),
        "finished_at": timestamp(study.finished_at),
        "origin": study.origin,
        "space_version": study.space_version,
        "fingerprint": study.fingerprint,
        "retune_at": timestamp(study.retune_at),
        "memory_mb": None if study.sizing is None else study.sizing["memory_mb"],
        "labels": study.spec.get("labels") or {},
        "notes": study.notes,
    }


def counts(study: StudyRow) -> dict[str, int]:
    return {state.value: getattr(study, state.value) for state in TrialState}


def trial_document(trial: TrialRow) -> Document:
    return {
        "id": trial.id,
        "study_id": trial.study_id,
        "number": trial.number,
        "state": trial.state.value,
        "reason": _reason(trial.reason_code, trial.reason_message),
        "params": trial.params,
        "round": trial.round,
        "value": trial.value,
        "step": trial.step,
        "origin": trial.origin,
        "touched": trial.touched,
        "parent": trial.parent,
        "attempts": trial.attempts,
        "node": trial.node,
        "seconds": trial.seconds,
        "final": trial.final,
        "created_at": timestamp(trial.created_at),
        "started_at": timestamp(trial.started_at),
        "finished_at": timestamp(trial.finished_at),
        "space_version": trial.space_version,
    }


def ranked_document(trial: TrialRow) -> Document:
    return {
        "number": trial.number,
        "value": trial.value,
        "params": trial.params,
        "round": trial.round,
        "steps": trial.step,
        "seconds": trial.seconds,
        "touched": trial.touched,
    }


def inherited_document(row: InheritedRow) -> Document:
    return {
        "number": row.number,
        "study_id": row.source_id,
        "trial": row.source_number,
        "params": row.params,
        "state": row.state,
        "value": row.value,
        "step": row.step,
        "counts": row.unit is not None,
        "parameter": row.parameter,
        "why": row.why,
    }


def attempt_document(attempt: AttemptRow) -> Document:
    return {
        "id": attempt.id,
        "number": attempt.number,
        "state": attempt.state.value,
        "reason": _reason(attempt.reason_code, attempt.reason_message),
        "agent": attempt.agent_id,
        "node": attempt.node,
        "leased_at": timestamp(attempt.leased_at),
        "started_at": timestamp(attempt.started_at),
        "ended_at": timestamp(attempt.ended_at),
        "memory_mb": attempt.memory_mb,
        "from_step": attempt.from_step,
    }


def nudge_document(nudge: NudgeRow) -> Document:
    return {
        "id": nudge.id,
        "trial": nudge.trial_id,
        "number": nudge.number,
        "author": nudge.author,
        "origin": nudge.origin,
        "note": nudge.note,
        "old": nudge.old,
        "new": nudge.new,
        "state": nudge.state,
        "step": nudge.step,
        "attempt": nudge.attempt,
        "twin": nudge.twin,
        "copied": nudge.copied,
        "created_at": timestamp(nudge.created_at),
        "settled_at": timestamp(nudge.settled_at),
    }


def checkpoint_document(checkpoint: CheckpointRow) -> Document:
    return {
        "id": checkpoint.id,
        "trial": checkpoint.trial_id,
        "number": checkpoint.number,
        "attempt": checkpoint.attempt,
        "step": checkpoint.step,
        "uri": checkpoint.uri,
        "size": checkpoint.size,
        "digest": checkpoint.digest,
        "state": checkpoint.state,
        "reason": checkpoint.reason,
        "created_at": timestamp(checkpoint.created_at),
        "removed_at": timestamp(checkpoint.removed_at),
    }


def _reason(code: str | None, message: str | None) -> Document | None:
    return None if code is None else {"code": code, "message": message or ""}


def _best(study: StudyRow, params: Mapping[Best, dict[str, Any]]) -> Document | None:
    if study.best_number is None:
        return None
    return {
        "number": study.best_number,
        "value": study.best_value,
        "params": params.get((study.id, study.best_number), {}),
    }
