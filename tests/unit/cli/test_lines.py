"""`caviar fork` and `caviar edit`."""

import json
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Serve
from tests.unit.client.fake import FakeService, answer, study

from caviar.cli.main import main
from caviar.cli.retunes import changed_digests, watch_data
from caviar.client.client import Client

ORIGIN = {
    "kind": "fork",
    "study": {"id": "s1", "name": "digits"},
    "counted": 38,
    "left_out": 3,
    "causes": [{"parameter": "learning_rate", "results": 3, "example": "must be at least 0.01, not 0.004"}],
}


def test_fork_sends_the_file_and_tells_what_counts(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "narrowed.yaml"
    path.write_text("learning_rate: {low: 0.01}\n")
    made = answer(study(id="s2", name="digits-fork-1", state="queued", origin=ORIGIN), 201)
    service = serve(FakeService({"GET /api/v1/studies/digits": answer(study()), "POST /api/v1/studies/s1/fork": made}))
    assert main(["fork", "digits", "--space", str(path), "--freeze", "units=64", "--trials", "30"]) == 0
    sent = json.loads(service.requests[-1].content)
    assert sent == {"space": {"learning_rate": {"low": 0.01}}, "freeze": {"units": 64}, "budget": {"trials": 30}}
    assert capsys.readouterr().out.splitlines() == [
        "digits-fork-1 queued",
        "fork of digits: 38 of its results count, 3 do not",
        "  left out 3 for learning_rate: must be at least 0.01, not 0.004",
    ]


def test_edit_patches_the_space(serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wider.json"
    path.write_text('{"space": {"units": {"high": 200}}, "constraints": []}')
    changed = answer(study(space_version=2))
    answers = {"GET /api/v1/studies/digits": answer(study()), "PATCH /api/v1/studies/s1/space": changed}
    service = serve(FakeService(answers))
    assert main(["edit", "digits", "--space", str(path), "--note", "more units"]) == 0
    sent = json.loads(service.requests[-1].content)
    assert sent == {"space": {"units": {"high": 200}}, "constraints": [], "note": "more units"}
    assert "version 2" in capsys.readouterr().out


def test_edit_without_a_change_is_a_usage_error(serve: Serve) -> None:
    serve(FakeService({"GET /api/v1/studies/digits": answer(study())}))
    assert main(["edit", "digits"]) == 2
    assert main(["edit", "digits", "--freeze", "units"]) == 2


RETUNE = {"id": "r1", "study_id": "s1", "state": "canary", "canary_id": "s3"}
VERDICT = {"verdict": "still good", "why": "the order of 9 configurations held"}


def test_retune_waits_for_the_verdict(serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.csv").write_text("1,2\n")
    canary = study(id="s3", name="digits-canary-1", state="completed")
    answers = {
        "GET /api/v1/studies/digits": answer(study(state="completed")),
        "POST /api/v1/studies/s1/retune": answer(RETUNE, 201),
        "GET /api/v1/studies/s3": answer(canary),
        "GET /api/v1/studies/s1/lineage": answer({"retunes": [{**RETUNE, "state": "good", "verdict": VERDICT}]}),
    }
    service = serve(FakeService(answers))
    assert main(["retune", "digits", "--data", str(tmp_path / "data.csv"), "--wait"]) == 0
    sent = next(json.loads(each.content) for each in service.requests if each.method == "POST")
    assert sent["data"]["digest"].startswith("sha256:")
    out = capsys.readouterr().out
    assert "canary digits-canary-1: 60 trials" in out
    assert out.splitlines()[-1] == "still good: the order of 9 configurations held"


def test_lineage_is_a_tree_with_its_verdicts(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    members = [
        {"id": "s1", "name": "digits", "kind": "study", "state": "completed", "best": 0.1, "asked": True},
        {"id": "s3", "name": "digits-canary-1", "kind": "canary", "parent_id": "s1", "state": "completed"},
    ]
    tree = {"studies": members, "retunes": [{**RETUNE, "state": "good", "verdict": VERDICT}]}
    answers = {"GET /api/v1/studies/digits": answer(study()), "GET /api/v1/studies/s1/lineage": answer(tree)}
    serve(FakeService(answers))
    assert main(["lineage", "digits"]) == 0
    out = capsys.readouterr().out
    assert "digits-canary-1" in out
    assert "digits, asked: still good" in out


def test_what_is_watched_is_asked_of_the_newest_study(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    members = [{"id": "s1", "name": "digits", "kind": "study", "state": "completed", "asked": True}]
    stale = {**RETUNE, "state": "stale", "successor_id": "s9"}
    answers = {
        "GET /api/v1/studies/digits": answer(study(state="completed")),
        "GET /api/v1/studies/s1/lineage": answer({"studies": members, "retunes": [stale]}),
        "GET /api/v1/studies/s9": answer(study(id="s9", name="digits-retune-1", state="completed")),
        "POST /api/v1/studies/s9/retune": answer({**RETUNE, "study_id": "s9"}, 201),
        "GET /api/v1/studies/s3": answer(study(id="s3", name="digits-canary-2", state="queued")),
    }
    service = serve(FakeService(answers))
    with Client("http://caviar.test", "cav_t", http=service.http) as client:
        watch_data(client, "digits", Path("d.csv"), None, changes=iter(["sha256:" + "a" * 64]))
    sent = next(json.loads(each.content) for each in service.requests if each.method == "POST")
    assert (sent["trigger"], sent["data"]["path"]) == ("data", "d.csv")
    assert "d.csv changed: canary digits-canary-2" in capsys.readouterr().out


def test_a_change_counts_once_it_has_stood_for_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d.csv"
    path.write_text("0")
    writes = iter(["0", "1", "12", "12", "12", "123", "123"])
    monkeypatch.setattr("caviar.cli.retunes.time.sleep", lambda _: path.write_text(next(writes)))
    changes = changed_digests(path)
    assert next(changes) != next(changes)
    assert list(writes) == []
