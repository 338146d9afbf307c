"""Steering a trial from Python: what is sent, and what is made of the answer."""

import json
from typing import Any

import pytest
from tests.unit.client.fake import Answer, FakeService, answer, problem

from caviar.client.models import TrialInfo
from caviar.client.trial import Trial
from caviar.domain.errors import Conflict, InvalidInput

PATH = "/api/v1/trials/t7"
TRIAL: dict[str, Any] = {"id": "t7", "number": 7, "state": "running", "params": {"rate": 0.1}}
NUDGE: dict[str, Any] = {
    "id": "n1", "trial": "t7", "number": 7, "author": "ada", "origin": "hand", "note": "plateau",
    "old": {"rate": 0.1}, "new": {"rate": 0.03}, "state": "waiting", "twin": 9, "warning": "no checkpoint yet",
}  # fmt: skip


def handle(answers: dict[str, Answer]) -> tuple[Trial, FakeService]:
    service = FakeService(dict(answers))
    return Trial(service.transport(), TrialInfo.model_validate(TRIAL)), service


def sent(service: FakeService) -> Any:
    return json.loads(service.requests[-1].content)


def test_a_nudge_sends_its_changes_note_and_twin() -> None:
    trial, service = handle({f"POST {PATH}/nudge": answer(NUDGE, 201)})
    made = trial.nudge("plateau", twin=True, rate=0.03)
    assert sent(service) == {"params": {"rate": 0.03}, "note": "plateau", "twin": True}
    assert (made.twin, made.warning, made.old) == (9, "no checkpoint yet", {"rate": 0.1})


def test_a_refused_nudge_names_the_parameter() -> None:
    errors = [{"pointer": "/params/rate", "detail": "must lie between 0.0001 and 1.0"}]
    trial, _ = handle({f"POST {PATH}/nudge": problem(422, "invalid_input", errors=errors)})
    with pytest.raises(InvalidInput) as refused:
        trial.nudge(rate=7.0)
    assert [each.pointer for each in refused.value.errors] == ["/params/rate"]


def test_a_pause_tells_its_price_before_and_after() -> None:
    paused = answer({**TRIAL, "warning": "begins again"})
    trial, service = handle({f"POST {PATH}/pause": [problem(409, "no_checkpoint"), paused]})  # type: ignore[dict-item]
    with pytest.raises(Conflict):
        trial.pause()
    assert sent(service) == {"restart": False}
    assert trial.pause(restart=True) == "begins again"
    assert sent(service) == {"restart": True}


def test_a_resumed_trial_takes_over_its_state() -> None:
    trial, _ = handle({f"POST {PATH}/resume": answer({**TRIAL, "state": "waiting"})})
    trial.resume()
    assert trial.state == "waiting"


def test_a_report_brings_the_verdict_and_the_parameters_to_go_on_with() -> None:
    trial, _ = handle({f"POST {PATH}/report": answer({"verdict": "pause", "params": {"rate": 0.03}})})
    assert trial.report(3, {"loss": 0.5}) == "pause"
    assert trial.params == {"rate": 0.03}


def test_what_was_done_to_it_is_read_as_nudges_and_segments() -> None:
    segments = [{"after": 0, "upto": 3, "params": {"rate": 0.1}}, {"after": 3, "upto": None, "params": {"rate": 0.03}}]
    trial, _ = handle({f"GET {PATH}/nudges": answer({"items": [NUDGE], "segments": segments})})
    assert [each.note for each in trial.nudges()] == ["plateau"]
    assert [(each.after, each.upto) for each in trial.segments()] == [(0, 3), (3, None)]


def test_a_schedule_asks_only_for_what_was_said() -> None:
    trial, service = handle({f"GET {PATH}/schedule": answer({"name": "s", "rules": []})})
    assert trial.schedule(plateau=5) == {"name": "s", "rules": []}
    assert dict(service.requests[0].url.params) == {"plateau": "5"}
