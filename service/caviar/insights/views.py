"""What the read model keeps of a study between requests: its trials by column, caught up by revision.

A cache of SQL, never trusted over it: a study whose space has changed is read anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from caviar.domain.document import parse_study
from caviar.domain.spec import StudySpec
from caviar.insights.trial_columns import FIELDS, Floats, Mask, TrialColumns
from caviar.storage import trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow

MOST_TRIALS: Final = 2_000_000
"""Trials kept of all studies together, about 200 bytes and the configuration each; the study used last always is."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A study at `revision`. `losses` are its values, minimised: negated where it maximises; NaN is none."""

    study: StudyRow
    spec: StudySpec
    revision: int
    trials: TrialColumns

    @property
    def losses(self) -> Floats:
        return self.trials.numbers["value"] * (1.0 if self.spec.minimizes else -1.0)

    @property
    def ranked(self) -> Mask:
        """Completed, with a value: what counts in a ranking."""
        return self.trials.texts["state"].among(("completed",)) & np.isfinite(self.trials.numbers["value"])

    def values(self, losses: Floats) -> Floats:
        """Back from losses."""
        return losses * (1.0 if self.spec.minimizes else -1.0)


@dataclass(slots=True)
class _Entry:
    document: Mapping[str, Any] = field(default_factory=dict)
    view: View | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Views:
    """Of the studies looked at lately. Safe to use from several threads; a study is caught up by one at a time."""

    def __init__(self, most: int = MOST_TRIALS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def of(self, snapshot: Snapshot, study: StudyRow) -> View:
        """The study as of `study`, or a little later when another thread was ahead."""
        with self._lock:
            entry = self._entries.setdefault(study.id, _Entry())
            self._entries.move_to_end(study.id)
        with entry.lock:
            if entry.view is None or not _same_points(entry.document, study.spec):
                entry.view = _fresh(study)
            elif entry.document != study.spec:
                entry.view = replace(entry.view, spec=parse_study(study.spec))
            entry.document = study.spec
            if entry.view.revision < study.revision:
                entry.view = _caught_up(snapshot, entry.view, study)
            view = entry.view
        self._forget_old()
        return replace(view, study=study)

    def _forget_old(self) -> None:
        with self._lock:
            held = sum(len(entry.view.trials) for entry in self._entries.values() if entry.view)
            while held > self._most and len(self._entries) > 1:
                _, oldest = self._entries.popitem(last=False)
                held -= len(oldest.view.trials) if oldest.view else 0


def _same_points(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a trial's point in the cube means what it did: a budget may change, a space may not."""
    return all(old.get(part) == new.get(part) for part in ("space", "constraints", "metric"))


def _fresh(study: StudyRow) -> View:
    spec = parse_study(study.spec)
    return View(study, spec, -1, TrialColumns.empty(spec.space.dimension))


def _caught_up(snapshot: Snapshot, view: View, study: StudyRow) -> View:
    rows = trials.fields_of(snapshot, study.id, FIELDS, view.revision)
    return View(study, view.spec, study.revision, view.trials.updated(rows))
