from typing import Any

import httpx2
from tests.unit.client.fake import FakeService, answer, problem, study

from caviar.client.models import StudyInfo
from caviar.client.outlook import NOTHING, PACE, Outlooks, Warned, outlook
from caviar.client.study import Study

PATH = "/api/v1/studies/s1"
RANGE = {"low": 60.0, "middle": 90.0, "high": 120.0}
FORECAST: dict[str, Any] = {"left": 5, "seconds": RANGE, "compute_seconds": RANGE, "spent_seconds": 30.0}
FINDING = {"code": "at_bound", "message": "m", "hint": "h.", "parameter": "lr"}
WARNING = {**FINDING, "severity": "warning"}


def outlooks(**answers: Any) -> tuple[Outlooks, FakeService]:
    said = {"forecast": answer(FORECAST), "health": answer({"items": [WARNING]}), **answers}
    service = FakeService({f"GET {PATH}/{name}": each for name, each in said.items()})
    return Outlooks(Study(service.transport(), StudyInfo.model_validate(study()))), service


def test_end_and_cost_are_told_as_ranges_and_notes_are_left_out() -> None:
    seen = outlook(FORECAST, [WARNING, {**FINDING, "severity": "note"}])
    assert seen.ends == "ends in 1m 30s (1m 00s to 2m 00s)"
    assert seen.cost == "compute: 30s spent, 1m 30s (1m 00s to 2m 00s) to come"
    assert seen.warnings == (Warned("at_bound lr", "m", "h."),)


def test_what_can_not_be_said_is_left_out() -> None:
    seen = outlook({**FORECAST, "seconds": None, "compute_seconds": None}, [])
    assert (seen.ends, seen.cost) == ("", "compute: 30s spent")


def test_the_service_is_asked_once_in_a_while() -> None:
    looks, service = outlooks()
    for now in (0.0, 0.5, PACE - 0.1):
        assert looks.at(now).warnings
    assert len(service.requests) == 2
    looks.at(PACE)
    assert len(service.requests) == 4


def test_a_service_that_restarts_leaves_what_was_known() -> None:
    looks, _ = outlooks(health=[answer({"items": [WARNING]}), *[httpx2.ConnectError("refused")] * 20])
    known = looks.at(0.0)
    assert looks.at(PACE) == known != NOTHING


def test_an_outlook_that_is_refused_does_not_end_following() -> None:
    looks, _ = outlooks(forecast=problem(404, "not_found"))
    assert looks.at(0.0) == NOTHING
