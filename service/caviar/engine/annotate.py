"""Labels and notes: what people write on a study, and find it by."""

from collections.abc import Mapping
from typing import Any, Final

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidInput, InvalidStudy
from caviar.engine.work import Work
from caviar.storage.rows import StudyRow

SEPARATOR: Final = "\x1e"
"""In no name, label or note."""


def keywords(name: str, labels: Mapping[str, str], notes: str) -> str:
    """Small letters; each label stands whole, as `key=value`, between two separators."""
    return SEPARATOR.join(["", name, *(f"{key}={value}" for key, value in labels.items()), notes]).lower()


def annotate(work: Work, study: StudyRow, labels: Mapping[str, str | None] | None, notes: str | None) -> StudyRow:
    """Sets the labels that are given (None takes one away) and the notes, of a study in any state. Raises
    InvalidInput."""
    work.touch(study)
    if labels is not None:
        study.spec = {**study.spec, "labels": _merged(study.spec, labels)}
    if notes is not None:
        study.notes = notes
    study.keywords = keywords(study.name, study.spec["labels"], study.notes)
    return study


def _merged(spec: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, str]:
    merged = {**(spec.get("labels") or {}), **changes}
    labels = {key: value for key, value in merged.items() if value is not None}
    try:
        return dict(parse_study({**spec, "labels": labels}).labels)
    except InvalidStudy as error:
        raise InvalidInput(error.errors) from None
