"""`caviar fork` and `caviar edit`."""

import json
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Serve
from tests.unit.client.fake import FakeService, answer, study

from caviar.cli.main import main

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
