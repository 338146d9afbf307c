"""The verbs that steer a trial: `nudge`, `nudges`, `pause`, `resume`, `checkpoints`, `schedule-from`."""

import json
from typing import Any

import pytest
import yaml
from tests.unit.cli.answers import DONE, PATH, finished, trial
from tests.unit.cli.conftest import Serve
from tests.unit.client.fake import FakeService, answer, problem, study
from tests.unit.client.test_trial import NUDGE

from caviar.cli.main import main

SUBJECT = f"{PATH}/trials/7"
TRIAL = "/api/v1/trials/t7"
CHECKPOINT: dict[str, Any] = {
    "id": "c1", "number": 7, "attempt": 1, "step": 3, "uri": "s3://bucket/7-3", "size": 1_500_000,
    "digest": "sha256:1", "state": "removed", "reason": "newer ones are kept", "created_at": None, "removed_at": None,
}  # fmt: skip


def steering(**more: Any) -> FakeService:
    return finished(**{f"GET {SUBJECT}": answer(trial(7, state="running")), **more})


def test_a_nudge_says_what_changes_and_which_twin_stays(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    service = serve(steering(**{f"POST {TRIAL}/nudge": answer(NUDGE, 201)}))
    assert main(["nudge", "digits", "7", "rate=0.03", "optimizer=adam", "--note", "plateau", "--twin"]) == 0
    body = json.loads(service.requests[-1].content)
    assert body == {"params": {"rate": 0.03, "optimizer": "adam"}, "note": "plateau", "twin": True}
    assert capsys.readouterr().out.splitlines() == [
        "trial #7 of digits: rate=0.1 -> rate=0.03 (on its way)",
        "trial #9 is its untouched twin",
        "no checkpoint yet",
    ]


def test_a_nudge_needs_no_study_where_only_one_runs(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    running = answer({"items": [study()], "next_page_token": None})
    serve(steering(**{"GET /api/v1/studies": running, f"POST {TRIAL}/nudge": answer(NUDGE, 201)}))
    assert main(["nudge", "7", "rate=0.03"]) == 0
    several = answer({"items": [study(), DONE], "next_page_token": None})
    serve(steering(**{"GET /api/v1/studies": several}))
    assert main(["nudge", "7", "rate=0.03"]) == 2
    assert "2 studies are running" in capsys.readouterr().err


def test_a_nudge_out_of_bounds_is_a_usage_error_with_its_place(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = [{"pointer": "/params/rate", "detail": "must lie between 0.0001 and 1.0"}]
    serve(steering(**{f"POST {TRIAL}/nudge": problem(422, "invalid_input", errors=errors)}))
    assert main(["nudge", "digits", "7", "rate=7"]) == 2
    err = capsys.readouterr().err
    assert "/params/rate" in err
    assert "must lie between 0.0001 and 1.0" in err


@pytest.mark.parametrize("words", [["digits", "7"], ["digits", "seven", "rate=1"], ["a", "b", "7", "rate=1"]])
def test_a_nudge_that_is_not_understood_shows_how_to_say_it(
    serve: Serve, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    serve(steering())
    assert main(["nudge", *words]) == 2
    assert "[STUDY] NUMBER name=value" in capsys.readouterr().err


def test_nudges_are_listed(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(steering(**{f"GET {TRIAL}/nudges": answer({"items": [NUDGE], "segments": []})}))
    assert main(["nudges", "digits", "7"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "#7", "-", "rate=0.1", "rate=0.03", "waiting", "ada", "plateau", "#9",
    ]  # fmt: skip


def test_a_pause_names_its_price_and_how_to_pay_it(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    said, hint = "It has no checkpoint", "in the CLI --restart"
    paused = answer(trial(7, state="running", warning="It begins again."))
    service = serve(steering(**{f"POST {TRIAL}/pause": [problem(409, "no_checkpoint", said, hint=hint), paused]}))
    assert main(["pause", "digits", "7"]) != 0
    err = capsys.readouterr().err
    assert said in err
    assert hint in err
    assert main(["pause", "digits", "7", "--restart"]) == 0
    assert json.loads(service.requests[-1].content) == {"restart": True}
    assert capsys.readouterr().out.splitlines() == ["trial #7 is about to pause", "It begins again."]


def test_a_trial_is_resumed(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(steering(**{f"POST {TRIAL}/resume": answer(trial(7, state="waiting"))}))
    assert main(["resume", "digits", "7"]) == 0
    assert capsys.readouterr().out == "trial #7 is waiting\n"


def test_checkpoints_say_why_they_went(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(steering(**{f"GET {TRIAL}/checkpoints": answer({"items": [CHECKPOINT], "next_page_token": None})}))
    assert main(["checkpoints", "digits", "7"]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:5] == ["#7", "3", "1.50", "removed", "s3://bucket/7-3"]
    assert line.endswith("newer ones are kept")


def test_a_schedule_is_printed_or_launched(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": "learned", "rules": [{"when": {"plateau": 5}, "multiply": {"rate": 0.3}}]}
    made = {f"GET {TRIAL}/schedule": answer(document), "POST /api/v1/studies": answer(study(name="learned"), 201)}
    service = serve(steering(**made))
    assert main(["schedule-from", "digits", "7", "--plateau", "5"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == document
    assert main(["schedule-from", "digits", "7", "--launch"]) == 0
    assert json.loads(service.requests[-1].content)["rules"] == document["rules"]
    assert capsys.readouterr().out == "submitted learned (s1)\n"
