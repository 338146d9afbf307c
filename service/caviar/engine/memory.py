"""What a process remembers of a study between transactions: a cache of SQL up to a revision, never trusted over it.

A memory is used only while its study's row is locked. `catch_up` brings it to the revision of the locked row: nothing
to do when this process made the last change, an incremental read when another did. A transaction that fails forgets.
"""

import math
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.document import parse_study
from caviar.domain.spec import StudySpec
from caviar.domain.states import TrialState
from caviar.engine.outcomes import PAUSED_AT_RUNG
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.initial import INHERITED
from caviar.search.learned import Learned
from caviar.search.schedules import Progress
from caviar.search.searcher import Round, Searcher
from caviar.search.stopping import Promotion, Stopper, build_stopper
from caviar.storage import inherited, search_state, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import ArrivalRow, InheritedRow, StudyRow, TrialRow

OUTCOMES = {
    TrialState.WAITING: Outcome.OPEN,
    TrialState.RUNNING: Outcome.OPEN,
    TrialState.PAUSED: Outcome.OPEN,
    TrialState.COMPLETED: Outcome.COMPLETED,
    TrialState.STOPPED: Outcome.STOPPED,
    TrialState.FAILED: Outcome.FAILED,
    TrialState.INFEASIBLE: Outcome.INFEASIBLE,
    TrialState.CANCELLED: Outcome.CANCELLED,
}


class StudyMemory:
    """`rungs[rung]` are the (trial number, value) that arrived there, in order of arrival."""

    def __init__(self, study: StudyRow) -> None:
        self.document: dict[str, Any] = study.spec
        self.spec: StudySpec = parse_study(study.spec)
        self.seed = study.seed
        self.searcher: Searcher = build_searcher(
            self.spec.space,
            self.spec.search,
            self.spec.budget.trials,
            study.seed,
            _learned(study),
            repeat=self.spec.repeat,
        )
        self.stopper: Stopper | None = build_stopper(self.spec.stopping, self.spec.stopping.max_steps)
        self.sign = 1.0 if self.spec.minimizes else -1.0
        self.history = HistoryBuffer(self.spec.space.dimension)
        self._own = 0
        self.rounds: list[Round] = []
        self.rungs: dict[int, dict[int, float]] = defaultdict(dict)
        self.at_rung: set[int] = set()
        """Trials paused until they are promoted; like `rungs` it is of this moment, within the transaction too."""
        self.progress: dict[int, Progress] = {}
        """Of running trials, where the study has rules; built again from their reports when it is missing."""
        self.revision = -1

    def catch_up(self, snapshot: Snapshot, study: StudyRow) -> None:
        if self.revision == study.revision:
            return
        if self.revision < 0:
            self._inherit(inherited.of_study(snapshot, study.id) if study.parent_id is not None else [])
        self.progress.clear()
        if self.stopper is not None or self.spec.search.population is not None:
            for arrival in search_state.arrivals_of(snapshot, study.id):
                self.rungs[arrival.rung][arrival.number] = math.nan if arrival.value is None else arrival.value
        for row in trials.history(snapshot, study.id, self.revision):
            self._note(row.number, row.state, row.unit, row.round, row.value, row.step, touched=row.touched)
            self.follow(row.number, row.state, row.reason)
        for stored in search_state.rounds_of(snapshot, study.id, len(self.rounds)):
            self.rounds.append(Round.from_document(stored.document))
        self.revision = study.revision

    def note(self, trial: TrialRow) -> None:
        self._note(trial.number, trial.state, trial.unit, trial.round, trial.value, trial.step, touched=trial.touched)

    def follow(self, number: int, state: TrialState, reason: str | None) -> None:
        """Keeps count of who waits at a rung."""
        if state is TrialState.PAUSED and reason == PAUSED_AT_RUNG:
            self.at_rung.add(number)
        else:
            self.at_rung.discard(number)

    def turns(self) -> list[int]:
        """Who goes on next of a population that waits for places: the least advanced first."""
        last = {number: max(rung for rung, there in self.rungs.items() if number in there) for number in self.at_rung}
        return sorted(last, key=lambda number: (last[number], number))

    def values_at(self, rung: int) -> NDArray[np.float64]:
        """What arrived at the rung so far (minimised, NaN: not finite), oldest first."""
        return np.fromiter(self.rungs[rung].values(), float)

    def arrive(self, study_id: str, rung: int, number: int, value: float) -> ArrivalRow | None:
        """Trial `number` reaches `rung`; None when an earlier attempt of it was there already."""
        there = self.rungs[rung]
        if number in there:
            return None
        there[number] = value
        stored = value if math.isfinite(value) else None
        return ArrivalRow(study_id=study_id, rung=rung, number=number, arrival=len(there) - 1, value=stored)

    def _inherit(self, rows: Sequence[InheritedRow]) -> None:
        """Results of other studies, as far as they lie in this study's space."""
        for row in rows:
            if row.unit is not None:
                self.history.append(row.number, np.frombuffer(row.unit), INHERITED)
                value = None if row.value is None else self.sign * row.value
                self.history.update(row.number, OUTCOMES[TrialState(row.state)], value, row.step)

    def _was_judged(self, number: int) -> bool:
        """Whether the trial was at a rung where some are paused: what it has is evidence, whoever goes on from there,
        and stays so while it does."""
        promotes = isinstance(self.stopper, Promotion)
        return promotes and any(number in arrivals for arrivals in self.rungs.values())

    def _nowhere(self) -> NDArray[np.float64]:
        return np.full(self.spec.space.dimension, 0.5)

    def _note(
        self,
        number: int,
        state: TrialState,
        unit: bytes,
        round_: int,
        value: float | None,
        step: float | None,
        *,
        touched: bool,
    ) -> None:
        """What was trained with several configurations is a sample of none."""
        if number >= self._own:
            self.history.append(number, np.frombuffer(unit) if unit else self._nowhere(), round_)
            self._own = number + 1
        if not unit:
            self.history.update(number, Outcome.OUTSIDE, None)
            return
        outcome = OUTCOMES[state]
        if outcome is Outcome.OPEN and self._was_judged(number):
            outcome = Outcome.STOPPED
        if outcome is Outcome.COMPLETED and value is None:
            outcome = Outcome.FAILED
        if touched and outcome is not Outcome.OPEN:
            outcome, value = Outcome.CANCELLED, None
        minimised = None if value is None else self.sign * value
        if outcome is not Outcome.OPEN or step is not None:
            self.history.update(number, outcome, minimised, step)


def _learned(study: StudyRow) -> Learned | None:
    """The region that the study took over, as long as its space is the one it was made for."""
    region = (study.origin or {}).get("region")
    return Learned.from_document(region) if region and study.space_version == 1 else None


class Memories:
    """The memories of the studies lately touched, the least recently used forgotten first."""

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._memories: OrderedDict[str, StudyMemory] = OrderedDict()

    def of(self, snapshot: Snapshot, study: StudyRow) -> StudyMemory:
        """The study's memory, brought to the revision of `study` (whose row the caller has locked)."""
        with self._lock:
            memory = self._memories.pop(study.id, None)
        if memory is None or memory.revision > study.revision or memory.document != study.spec:
            memory = StudyMemory(study)
        memory.catch_up(snapshot, study)
        with self._lock:
            self._memories[study.id] = memory
            while len(self._memories) > self._size:
                self._memories.popitem(last=False)
        return memory

    def forget(self, study_ids: Iterable[str]) -> None:
        with self._lock:
            for study_id in study_ids:
                self._memories.pop(study_id, None)
