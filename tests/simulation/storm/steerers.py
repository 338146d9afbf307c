"""People who also steer single trials, and who ask for checkpoints to be thrown away, repeats and audits."""

from contextlib import suppress

from tests.simulation.documents import all_studies
from tests.simulation.storm.people import People

from caviar.domain.errors import CaviarError
from caviar.domain.states import StudyState, TrialState
from caviar.engine import steering
from caviar.engine.engine import Engine
from caviar.engine.steering import NudgeOrder
from caviar.engine.work import Work
from caviar.storage import trials

OPEN = (TrialState.RUNNING.value, TrialState.WAITING.value, TrialState.PAUSED.value)


class Steerers(People):
    whims = (*People.whims, *("pause_all", "resume_all", "pause_trial", "resume_trial", "nudge", "nudge", "twin"))

    def resume_all(self, engine: Engine, now: float) -> None:
        """Studies, and trials that were paused by hand: those wait for a hand for good."""
        with engine.database.read() as snapshot:
            rows = [row for row in all_studies(snapshot) if row.intent is None]
            paused = [trial.id for row in rows for trial in trials.in_states(snapshot, row.id, ("paused",))]
        for row in rows:
            if row.state is StudyState.PAUSED:
                with suppress(CaviarError), engine.work(now) as work:
                    steering.resume_whole_study(work, row.id)
        for trial_id in paused:
            with suppress(CaviarError), engine.work(now) as work:
                steering.resume_trial(work, trial_id)

    def _do(self, what: str, work: Work, study_id: str) -> None:
        match what:
            case "pause_all":
                steering.pause_whole_study(work, study_id)
            case "resume_all":
                steering.resume_whole_study(work, study_id)
            case "pause_trial" | "resume_trial" | "nudge" | "twin":
                self._steer(what, work, study_id)
            case _:
                super()._do(what, work, study_id)

    def _steer(self, what: str, work: Work, study_id: str) -> None:
        found = sorted(row.id for row in trials.in_states(work.tx, study_id, OPEN))
        if not found:
            return
        trial_id = self._random.choice(found)
        match what:
            case "pause_trial":
                steering.pause_trial(work, trial_id, restart=self._random.random() < 0.5)
            case "resume_trial":
                steering.resume_trial(work, trial_id)
            case _:
                params = {"learning_rate": self._random.choice((0.01, 0.1, 0.5)), "units": self._random.randint(1, 9)}
                steering.nudge_trial(work, trial_id, NudgeOrder(params, author="storm", twin=what == "twin"))

    def _document(self) -> dict[str, object]:
        document = super()._document()
        budget, search = document["budget"], document["search"]
        assert isinstance(budget, dict)
        assert isinstance(search, dict)
        population = search["strategy"] == "pbt"  # it takes neither a rule of stopping nor repeats
        if self._random.random() < 0.3:
            document["checkpoints"] = {"keep": self._random.choice(("newest", "best", "rungs")), "best": 2}
        if self._random.random() < 0.3 and not population:
            document["stopping"] = {"rule": "asha", "audit": 0.3}
        if self._random.random() < 0.2 and budget["trials"] >= 8 and not population:
            document["repeat"] = {"seeds": 2, "top": 2}
        return document
