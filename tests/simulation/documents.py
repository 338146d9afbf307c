"""Studies for tests of the engine, and short ways to look at them."""

from typing import Any

from tests.simulation.world import START

from caviar.domain.states import is_terminal
from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.storage import studies, study_lists, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow, TrialRow
from caviar.storage.study_lists import Wanted

SPACE = {
    "learning_rate": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
    "units": {"type": "int", "low": 1, "high": 9},
}


def document(**changes: Any) -> dict[str, Any]:
    base = {
        "metric": {"name": "loss", "goal": "minimize"},
        "train": {"command": ["train"]},
        "space": SPACE,
        "search": {"strategy": "random", "seed": 1},
        "budget": {"trials": 40},
    }
    return {**base, **changes}


def submit(engine: Engine, **changes: Any) -> str:
    with engine.work(START) as work:
        return commands.create_study(work, document(**changes)).id


def study(engine: Engine, study_id: str) -> StudyRow:
    with engine.database.read() as snapshot:
        found = studies.get(snapshot, study_id)
    assert found is not None
    return found


def ended(engine: Engine, *study_ids: str) -> bool:
    return all(is_terminal(study(engine, study_id).state) for study_id in study_ids)


def trial(engine: Engine, study_id: str, number: int) -> TrialRow:
    with engine.database.read() as snapshot:
        found = trials.by_number(snapshot, study_id, number)
    assert found is not None
    return found


def all_studies(snapshot: Snapshot) -> list[StudyRow]:
    """Newest first, without those that were deleted."""
    return [row for row, _ in study_lists.page(snapshot, Wanted(), limit=1_000)]
