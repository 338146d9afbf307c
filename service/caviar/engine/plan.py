"""Thinking outside the lock: what a model-based search suggests is computed between two short transactions.

The first reads the history, the second inserts what is still wanted. If somebody took the numbers in between, the
thought is thrown away and thought again on the newer history.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from caviar.engine.lease import insert_suggestions, may_start, remaining, store_rounds
from caviar.engine.settle import settle
from caviar.engine.work import Work
from caviar.search.history import History
from caviar.search.searcher import Plan, Round, Searcher
from caviar.storage.rows import StudyRow

MOST_AT_ONCE = 64
"""Suggestions of one thought: a larger batch is thought in several, each knowing the results since."""

OpenWork = Callable[[], AbstractContextManager[Work]]


@dataclass(frozen=True, slots=True)
class Question:
    """What the search is asked, detached from the database."""

    searcher: Searcher
    history: History
    rounds: tuple[Round, ...]
    first: int
    count: int
    space_version: int

    def stands(self, study: StudyRow, rounds: Sequence[Round]) -> bool:
        """Whether nobody took the numbers or changed the space since it was asked."""
        asked = (self.space_version, self.first, len(self.rounds))
        return asked == (study.space_version, study.next_number, len(rounds))

    def think(self) -> Plan:
        return self.searcher.suggest(self.history, self.rounds, self.first, self.count)


def plan_study(open_work: OpenWork, study_id: str) -> bool:
    """One thought. True when it is worth calling again: more is wanted, or somebody was quicker."""
    with open_work() as work:
        question = _question(work, study_id)
    if question is None:
        return False
    plan = question.think()
    with open_work() as work:
        return _insert(work, study_id, question, plan)


def _question(work: Work, study_id: str) -> Question | None:
    work.lock([study_id])
    study = work.studies.get(study_id)
    if study is None or not may_start(study):
        return None
    memory = work.memory(study)
    count = min(study.wanted, remaining(study, memory.spec), MOST_AT_ONCE)
    if count <= 0:
        return None
    history = memory.history.view().detached()
    return Question(memory.searcher, history, tuple(memory.rounds), study.next_number, count, study.space_version)


def _insert(work: Work, study_id: str, question: Question, plan: Plan) -> bool:
    work.lock([study_id])
    study = work.studies.get(study_id)
    if study is None or not may_start(study):
        return False
    memory = work.memory(study)
    if not question.stands(study, memory.rounds):
        return True
    work.touch(study)
    store_rounds(work, study, memory, plan.rounds)
    insert_suggestions(work, study, plan.suggestions)
    study.exhausted = study.exhausted or plan.exhausted
    study.wanted = max(0, study.wanted - len(plan.suggestions))
    work.tx.wake("agents")
    settle(work, study)
    return bool(plan.suggestions) and study.wanted > 0 and not study.exhausted
