"""One transaction's work: what was loaded, what changed, and how it is written.

Everything that changes a study goes through a Work: it locks the rows, holds the records, counts the revision up once
a study, and writes by executemany at the end. The writers of states are here and nowhere else.
"""

import secrets
from collections.abc import Callable, Collection
from functools import cached_property

from caviar.domain.ids import RANDOM_BITS, uuid7
from caviar.domain.states import (
    AttemptState,
    Reason,
    StudyState,
    TrialState,
    check_transition,
    is_terminal,
)
from caviar.engine import log_ring
from caviar.engine.marks import marked, standing
from caviar.engine.memory import Memories, StudyMemory
from caviar.storage import attempts, search_state, studies, trials
from caviar.storage.database import Transaction
from caviar.storage.rows import (
    ArrivalRow,
    AttemptRow,
    LateEventRow,
    LogRow,
    ReportRow,
    RoundRow,
    StudyRow,
    TrialRow,
)

RandomBits = Callable[[int], int]


class Work:
    """The records of one write transaction at the moment `now` (seconds since the epoch)."""

    def __init__(
        self, tx: Transaction, memories: Memories, now: float, random_bits: RandomBits = secrets.randbits
    ) -> None:
        self.tx = tx
        self.now = now
        self.studies: dict[str, StudyRow] = {}
        self.trials: dict[str, TrialRow] = {}
        self.attempts: dict[str, AttemptRow] = {}
        self.reports: list[ReportRow] = []
        self.logs: list[LogRow] = []
        self.late: list[LateEventRow] = []
        self.freed: set[str] = set()
        """Trials whose live attempt ended in this transaction."""
        self.rounds: list[RoundRow] = []
        self.arrivals: list[ArrivalRow] = []
        self._memories = memories
        self.random_bits = random_bits
        self._touched: set[str] = set()
        self._new_trials: dict[str, TrialRow] = {}
        self._new_attempts: dict[str, AttemptRow] = {}
        self._changed_trials: dict[str, TrialRow] = {}
        self._changed_attempts: dict[str, AttemptRow] = {}
        self._used: dict[str, StudyMemory] = {}
        tx.after_rollback.append(lambda: memories.forget(set(self._used) | self._touched))

    # ---- loading

    def lock(self, study_ids: Collection[str]) -> None:
        missing = [study_id for study_id in study_ids if study_id not in self.studies]
        self.studies.update(studies.lock(self.tx, missing))

    def load_trials(self, ids: Collection[str]) -> None:
        self.trials.update(trials.by_ids(self.tx, [each for each in ids if each not in self.trials]))

    def add_trials(self, rows: Collection[TrialRow]) -> list[TrialRow]:
        """Takes rows just read into the work; one that is there already stays the one."""
        return [self.trials.setdefault(row.id, row) for row in rows]

    def add_attempts(self, rows: Collection[AttemptRow]) -> list[AttemptRow]:
        return [self.attempts.setdefault(row.id, row) for row in rows]

    def memory(self, study: StudyRow) -> StudyMemory:
        """What this process remembers of the study, as of the beginning of this transaction."""
        memory = self._used.get(study.id)
        if memory is None:
            memory = self._used[study.id] = self._at_start(study)
        return memory

    @cached_property
    def _milliseconds(self) -> int:
        return int(self.now * 1000)

    def new_id(self) -> str:
        return uuid7(self._milliseconds, self.random_bits(RANDOM_BITS))

    def stored_reports(self, trial: TrialRow, attempt: AttemptRow) -> list[ReportRow]:
        """What the attempt reported before this transaction."""
        return trials.reports_of(self.tx, trial.id, attempt.number)

    # ---- changing

    def touch(self, study: StudyRow) -> None:
        """Marks the study as changed: its revision rises once in this transaction."""
        if study.id not in self._touched:
            self.memory(study)
            self._touched.add(study.id)
            study.revision += 1

    def new_study(self, study: StudyRow) -> None:
        studies.insert(self.tx, study)
        self.studies[study.id] = study
        self.tx.wake(f"study:{study.id}")

    def new_trial(self, study: StudyRow, trial: TrialRow) -> None:
        self.touch(study)
        trial.revision = study.revision
        self.trials[trial.id] = self._new_trials[trial.id] = trial
        _count(study, trial.state, 1)

    def new_attempt(self, attempt: AttemptRow) -> None:
        self.attempts[attempt.id] = self._new_attempts[attempt.id] = attempt

    def changed(self, trial: TrialRow) -> None:
        study = self.studies[trial.study_id]
        self.touch(study)
        trial.revision = study.revision
        if trial.id not in self._new_trials:
            self._changed_trials[trial.id] = trial

    def changed_attempt(self, attempt: AttemptRow) -> None:
        if attempt.id not in self._new_attempts:
            self._changed_attempts[attempt.id] = attempt

    def set_study(self, study: StudyRow, state: StudyState, reason: Reason | None = None) -> None:
        check_transition(study.state, state)
        self.touch(study)
        study.state = state
        study.reason_code, study.reason_message = _parts(reason)
        study.finished_at = self.now if is_terminal(state) else None
        if is_terminal(state):
            self.tx.wake(f"ended:{study.id}")
        if state is StudyState.RUNNING:
            study.started_at = self.now if study.started_at is None else study.started_at
            study.marks = [*(study.marks or ()), standing(study, self.now, begins=True)]

    def set_trial(self, trial: TrialRow, state: TrialState, reason: Reason | None = None) -> None:
        check_transition(trial.state, state)
        study = self.studies[trial.study_id]
        _count(study, trial.state, -1)
        _count(study, state, 1)
        trial.state = state
        self.set_reason(trial, reason)
        if state is TrialState.RUNNING and trial.started_at is None:
            trial.started_at = self.now
        if is_terminal(state):
            trial.finished_at = self.now
            study.compute_seconds += trial.seconds or 0.0

    def set_reason(self, trial: TrialRow, reason: Reason | None) -> None:
        """Why it is in the state that it is in."""
        self.changed(trial)
        trial.reason_code, trial.reason_message = _parts(reason)
        self.memory(self.studies[trial.study_id]).follow(trial.number, trial.state, trial.reason_code)

    def set_attempt(self, attempt: AttemptRow, state: AttemptState, reason: Reason | None = None) -> None:
        check_transition(attempt.state, state)
        self.changed_attempt(attempt)
        attempt.state = state
        if reason is not None:
            attempt.reason_code, attempt.reason_message = _parts(reason)
        if state is AttemptState.RUNNING:
            attempt.started_at = self.now
        elif is_terminal(state):
            attempt.ended_at = self.now
            self.freed.add(attempt.trial_id)

    # ---- writing

    def flush(self) -> None:
        """Writes all changes, by executemany. Call once, as the last act of the transaction."""
        trials.insert(self.tx, list(self._new_trials.values()))
        trials.save(self.tx, list(self._changed_trials.values()))
        attempts.save(self.tx, list(self._changed_attempts.values()))
        attempts.insert(self.tx, list(self._new_attempts.values()))
        trials.add_reports(self.tx, self.reports)
        trials.add_logs(self.tx, self.logs)
        log_ring.trim(self.tx, self.logs)
        attempts.add_late(self.tx, self.late)
        search_state.add_rounds(self.tx, self.rounds)
        search_state.add_arrivals(self.tx, self.arrivals)
        changed = [self.studies[study_id] for study_id in sorted(self._touched)]
        for study in changed:
            study.marks = marked(study.marks or [], standing(study, self.now))
        studies.save(self.tx, changed)
        for study_id in self._touched:
            self.tx.wake(f"study:{study_id}")
        self._remember()

    def _remember(self) -> None:
        for trial in (*sorted(self._new_trials.values(), key=_number), *self._changed_trials.values()):
            self._used[trial.study_id].note(trial)
        for study_id, memory in self._used.items():
            memory.revision = self.studies[study_id].revision

    def _at_start(self, study: StudyRow) -> StudyMemory:
        assert study.id not in self._touched, "a memory is of the beginning of the transaction"
        return self._memories.of(self.tx, study)


def _number(trial: TrialRow) -> int:
    return trial.number


def _count(study: StudyRow, state: TrialState, change: int) -> None:
    setattr(study, state.value, getattr(study, state.value) + change)


def _parts(reason: Reason | None) -> tuple[str | None, str | None]:
    return (None, None) if reason is None else (reason.code, reason.message)
