"""People who change their minds in the middle of it."""

import random
from contextlib import suppress

from tests.simulation.documents import all_studies, document
from tests.simulation.failing import Outage

from caviar.domain.errors import CaviarError
from caviar.domain.states import StudyState, TrialState
from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.engine.work import Work
from caviar.storage import studies, trials

STRATEGIES = ("random", "random", "sobol", "grid", "coarse_to_fine", "pbt")

STOPPING: tuple[dict[str, str], ...] = (
    *({"rule": rule} for rule in ("none", "asha", "median")),
    *({"rule": rule, "mode": "promotion"} for rule in ("asha", "hyperband")),
)


class People:
    """Whatever they ask for may be refused, may fail, and may have happened although it failed."""

    whims: tuple[str, ...] = ("pause", "resume", "resume", "stop", "extend", "delete", "stop_trial", "enqueue")

    def __init__(self, seed: int, trials_each: int) -> None:
        self._random = random.Random(f"people {seed}")
        self._trials = trials_each
        self._submitted = 0
        self.made_thinkers = False

    def submit(self, engine: Engine, now: float) -> None:
        self._submitted += 1
        with suppress(Outage), engine.work(now) as work:
            commands.create_study(work, self._document())

    def act(self, engine: Engine, now: float) -> str:
        """Does something to some study; its name, for the trace."""
        with engine.database.read() as snapshot:
            known = sorted(row.id for row in all_studies(snapshot))
        if not known:
            return "nothing"
        study_id = self._random.choice(known)
        what = self._random.choice(self.whims)
        with suppress(Outage, CaviarError), engine.work(now) as work:
            self._do(what, work, study_id)
        return f"{what} {study_id}"

    def resume_all(self, engine: Engine, now: float) -> None:
        with engine.database.read() as snapshot:
            rows = all_studies(snapshot)
        for study_id in [row.id for row in rows if row.state is StudyState.PAUSED and row.intent is None]:
            with engine.work(now) as work:
                commands.resume_study(work, study_id)

    def _do(self, what: str, work: Work, study_id: str) -> None:
        match what:
            case "pause":
                commands.pause_study(work, study_id)
            case "resume":
                commands.resume_study(work, study_id)
            case "stop":
                commands.stop_study(work, study_id)
            case "delete":
                commands.delete_study(work, study_id)
            case "extend":
                commands.extend_study(work, study_id, self._budget(work, study_id))
            case "enqueue":
                commands.enqueue_trial(work, study_id, {"learning_rate": 0.1, "units": self._random.randint(1, 9)})
            case "stop_trial":
                self._stop_trial(work, study_id)

    def _stop_trial(self, work: Work, study_id: str) -> None:
        open_ones = trials.in_states(work.tx, study_id, (TrialState.RUNNING.value, TrialState.WAITING.value))
        if open_ones:
            commands.stop_trial(work, self._random.choice(sorted(row.id for row in open_ones)))

    def _budget(self, work: Work, study_id: str) -> dict[str, int]:
        study = studies.get(work.tx, study_id)
        most = 0 if study is None else study.spec["budget"]["trials"]
        return {"trials": most + self._random.randint(0, 3), "parallel": self._random.randint(1, 4)}

    def _document(self) -> dict[str, object]:
        budget: dict[str, object] = {"trials": self._trials}
        if self._random.random() < 0.3:
            budget["parallel"] = self._random.randint(1, 3)
        if self._random.random() < 0.1:
            budget["seconds"] = 20
        strategy = self._random.choice(STRATEGIES)
        self.made_thinkers = self.made_thinkers or strategy == "coarse_to_fine"
        return document(
            name=f"study-{self._submitted}",
            search={
                "strategy": strategy,
                "seed": self._random.randint(0, 99),
                **({"pbt": {"ready": 1}} if strategy == "pbt" else {}),
            },
            stopping={"rule": "none"} if strategy == "pbt" else self._random.choice(STOPPING),
            metric={"name": "loss", "goal": self._random.choice(("minimize", "maximize"))},
            retries=self._random.choice((0, 2, 5)),
            budget=budget,
        )
