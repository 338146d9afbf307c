"""Answers that are kept: made once, good for a revision, a little late while a study changes all the time."""

import threading
from dataclasses import dataclass
from typing import Any

from caviar.api.kept import Kept
from caviar.domain.states import StudyState


@dataclass
class Study:
    id: str = "0190c0de-0000-7000-8000-000000000001"
    revision: int = 1
    state: StudyState = StudyState.RUNNING


class Maker:
    """Takes `cost` seconds of the clock to make an answer."""

    def __init__(self, cost: float = 0.01) -> None:
        self.now, self.cost, self.made = 0.0, cost, 0
        self.kept = Kept(2.0, lambda: self.now)

    def ask(self, study: Any, asked: str = "history", known: str | None = None) -> Any:
        def make() -> tuple[int, Any]:
            self.now += self.cost
            self.made += 1
            return study.revision, {"revision": study.revision}

        return self.kept.answer(study, asked, known, make)


def test_an_answer_is_made_once_for_a_revision() -> None:
    maker = Maker()
    first, second = maker.ask(Study()), maker.ask(Study())
    assert (first.body, maker.made) == (second.body, 1)
    assert maker.ask(Study(), known=first.headers["etag"]).status_code == 304
    maker.ask(Study(), "slice")
    assert maker.made == 2


def test_while_a_study_runs_an_answer_lags_by_fifty_times_its_cost_and_says_of_when_it_is() -> None:
    maker = Maker(cost=0.01)
    maker.ask(Study())
    maker.now += 0.4
    late = maker.ask(Study(revision=2))
    assert (late.body, late.headers["etag"][:4]) == (b'{"revision":1}', 'W/"1')
    maker.now += 0.2
    assert maker.ask(Study(revision=2)).body == b'{"revision":2}'


def test_an_answer_lags_no_longer_than_allowed() -> None:
    maker = Maker(cost=1.0)
    maker.ask(Study())
    maker.now += 2.1
    assert maker.ask(Study(revision=2)).body == b'{"revision":2}'


def test_of_a_study_that_has_ended_nothing_lags() -> None:
    maker = Maker(cost=1.0)
    maker.ask(Study())
    assert maker.ask(Study(revision=2, state=StudyState.COMPLETED)).body == b'{"revision":2}'


def test_many_who_ask_at_once_wait_for_one_who_makes_it() -> None:
    entered, go_on, made = threading.Event(), threading.Event(), []
    kept = Kept(0.0)

    def make() -> tuple[int, Any]:
        made.append(threading.get_ident())
        entered.set()
        assert go_on.wait(30)
        return 1, {}

    askers = [threading.Thread(target=kept.answer, args=(Study(), "x", None, make)) for _ in range(4)]
    for each in askers:
        each.start()
    assert entered.wait(30)
    go_on.set()
    for each in askers:
        each.join(30)
    assert len(made) == 1


def test_one_who_fails_leaves_nothing_behind() -> None:
    maker = Maker()

    def fail() -> tuple[int, Any]:
        raise ValueError

    for _ in range(2):
        try:
            maker.kept.answer(Study(), "history", None, fail)  # type: ignore[arg-type]
        except ValueError:
            continue
    assert maker.ask(Study()).status_code == 200
