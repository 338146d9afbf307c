"""What must hold after any story (FAULTS: I1 to I5): read from the database, compared with what the world saw."""

from collections import Counter, defaultdict

from sqlalchemy import func, select
from tests.simulation.documents import all_studies
from tests.simulation.world import World

from caviar.domain.states import AttemptState, TrialState, is_terminal
from caviar.engine.engine import Engine
from caviar.storage import attempts, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow
from caviar.storage.tables import reports
from caviar_workers.protocol import Report


def check(engine: Engine, world: World | None = None) -> None:
    """Raises AssertionError with the first invariant that does not hold."""
    with engine.database.read() as snapshot:
        for study in all_studies(snapshot):
            _one_study(snapshot, study)
        if world is not None:
            _every_acknowledged_report_is_stored_once(snapshot, world)


def _one_study(snapshot: Snapshot, study: StudyRow) -> None:
    rows = trials.in_states(snapshot, study.id, [state.value for state in TrialState])
    assert [row.number for row in rows] == list(range(study.next_number)), "I4: numbers without gap or double"
    twins = sum(row.origin == "twin" for row in rows)
    assert study.next_number - twins <= study.spec["budget"]["trials"], "I4: no more than the budget, but for twins"
    counted = Counter(row.state for row in rows)
    kept = {state: getattr(study, state.value) for state in TrialState}
    assert {state: counted.get(state, 0) for state in TrialState} == kept, "I5: counters"
    if is_terminal(study.state):
        assert all(is_terminal(row.state) for row in rows), "I2: every trial is at its end"
    for row in rows:
        _one_trial(snapshot, row.id, row.attempts)
    finished = [row for row in rows if row.state is TrialState.COMPLETED and row.value is not None]
    sign = 1 if study.spec["metric"]["goal"] == "minimize" else -1
    best = min(finished, key=lambda row: (sign * (row.value or 0.0), row.number), default=None)
    assert study.best_number == (None if best is None else best.number), "I5: best"


def _one_trial(snapshot: Snapshot, trial_id: str, count: int) -> None:
    made = attempts.of_trial(snapshot, trial_id)
    assert [attempt.number for attempt in made] == list(range(1, count + 1)), "attempts are numbered"
    counted = [attempt for attempt in made if attempt.state is AttemptState.COMPLETED]
    assert len(counted) <= 1, "I3: one attempt counts"
    assert sum(attempt.is_live for attempt in made) <= 1, "I3: one attempt lives"


def _every_acknowledged_report_is_stored_once(snapshot: Snapshot, world: World) -> None:
    acknowledged: dict[str, set[int]] = defaultdict(set)
    for (attempt, seq), event in world.acknowledged.items():
        if isinstance(event, Report):
            acknowledged[attempt].add(seq)
    for attempt_id, attempt in attempts.by_ids(snapshot, acknowledged.keys()).items():
        stored = select(reports.c.seq).where(
            reports.c.trial_id == attempt.trial_id, reports.c.attempt == attempt.number
        )
        late = {row.seq for row in attempts.late_of(snapshot, attempt_id)}
        kept = list(snapshot.connection.scalars(stored))
        assert len(kept) == len(set(kept)), "I1: stored once"
        assert acknowledged[attempt_id] <= set(kept) | late, "I1: an acknowledged report is stored"
        assert not late & set(kept), "I1: counted or late, not both"


def count_reports(engine: Engine) -> int:
    with engine.database.read() as snapshot:
        return snapshot.connection.scalar(select(func.count()).select_from(reports)) or 0
