import csv
import io
import json
from pathlib import Path

import httpx2
import pytest
from tests.unit.cli.answers import DONE, PATH, finished, trial
from tests.unit.cli.conftest import Serve
from tests.unit.client.fake import FakeService, answer, problem, study

from caviar.cli.main import main

STUDY = """
name: digits
metric: {name: val_error, goal: minimize}
train: {function: "train:main"}
code: ./code
space:
  learning_rate: {type: float, low: 0.0001, high: 1.0, scale: log}
"""


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("def main(trial):\n    return {'val_error': 0.5}\n")
    path = tmp_path / "study.yaml"
    path.write_text(STUDY)
    return path


def submitting() -> FakeService:
    made = answer(study(), 201)
    uploaded = answer({"digest": "sha256:abc", "size": 3}, 201)
    return finished(**{"POST /api/v1/studies": made, "POST /api/v1/bundles": uploaded})


def test_run_ends_with_the_line_of_the_best_trial(
    serve: Serve, study_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = serve(submitting())
    assert main(["run", str(study_file)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "best trial #41 val_error=0.01235"
    _, _, report = out.partition("digits completed: 60 of 60 trials finished, 2 failed in 48s")
    assert all(len(line) <= 80 for line in report.splitlines())
    assert "round 1, from trial #20: 18 new results" in out
    assert "0.0001..1 → 0.00312..0.0517" in out
    assert "the best 5 of 18 lie in 0.004..0.03" in out
    assert "sgd 50% adam 50% → sgd 25% adam 75%" in out
    body = json.loads(service.requests[1].content)
    assert body["code"] == {"bundle": "sha256:abc"}


def test_run_of_a_study_that_failed_is_exit_code_1(
    serve: Serve, study_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {**DONE, "state": "failed", "best": None, "reason": {"code": "x", "message": "too many failures"}}
    service = submitting()
    serve(FakeService({**service.answers, f"GET {PATH}": answer(failed), f"GET {PATH}/ranking": answer({"items": []})}))
    assert main(["run", str(study_file)]) == 1
    assert "digits: failed: too many failures" in capsys.readouterr().out


def test_run_tells_every_mistake_of_the_document_before_it_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("metric: {name: loss}\ntrain: {builtin: mlp}\nspace: {lr: {type: float, low: 2, high: 1}}\nx: 1\n")
    assert main(["run", str(path)]) == 2
    err = capsys.readouterr().err
    assert "mistakes" in err
    assert "/space/lr" in err
    assert "/x" in err


def test_submit_says_what_was_made(serve: Serve, study_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    serve(submitting())
    assert main(["submit", str(study_file)]) == 0
    assert capsys.readouterr().out == "submitted digits (s1)\n"


def test_submit_lists_the_mistakes_that_the_service_found(
    serve: Serve, study_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = [{"pointer": "/space/lr/low", "detail": "is not below high"}, {"pointer": "/metric", "detail": "lacks"}]
    serve(
        FakeService(
            {
                "POST /api/v1/bundles": answer({"digest": "sha256:abc"}),
                "POST /api/v1/studies": problem(422, "invalid_study", errors=errors),
            }
        )
    )
    assert main(["submit", str(study_file)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: the study has 2 mistakes",
        "  /space/lr/low  is not below high",
        "  /metric  lacks",
    ]


def test_no_service_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ls"]) == 3
    err = capsys.readouterr().err
    assert "no Caviar server is configured" in err
    assert "hint: start one with `caviar up`" in err


def test_an_unknown_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lst"]) == 2
    assert "Did you mean 'ls'" in capsys.readouterr().err


def test_a_missing_study_is_a_usage_error(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(FakeService({"GET /api/v1/studies/nope": problem(404, "not_found", "There is no such study.")}))
    assert main(["show", "nope"]) == 2
    assert capsys.readouterr().err == "error: There is no such study.\n"


def test_an_interrupted_watch_detaches(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    service = finished()
    serve(FakeService({**service.answers, "GET /api/v1/studies/digits": answer(study()), f"GET {PATH}": interrupt}))
    assert main(["watch", "digits"]) == 130
    assert "detached: digits goes on" in capsys.readouterr().err


def test_lists_are_aligned_lines_where_there_is_no_terminal(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(finished())
    assert main(["ls"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "name    state                    trials  failed         best  so far  compute   ends (UTC)",
        "digits  completed (trials_done)   60/60       2  #41 0.01235             0.0s  01-01 00:00",
    ]


def test_trials_have_every_form(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(finished())
    main(["trials", "digits", "-o", "json"])
    assert [row["number"] for row in json.loads(capsys.readouterr().out)] == [0, 1]
    main(["trials", "digits", "-o", "jsonl"])
    assert [json.loads(line)["state"] for line in capsys.readouterr().out.splitlines()] == ["completed", "failed"]
    main(["trials", "digits", "-o", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0]["params.optimizer"] == "adam"
    assert rows[1]["reason.code"] == "oom"
    main(["trials", "digits", "-n", "1"])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_numbers_that_json_lacks_keep_their_names(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    page = answer({"items": [trial(0, value="NaN")], "next_page_token": None})
    serve(FakeService({**finished().answers, f"GET {PATH}/trials": page}))
    main(["trials", "digits", "-o", "jsonl"])
    assert json.loads(capsys.readouterr().out)["value"] == "NaN"


def test_best_is_the_ranking(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(finished())
    assert main(["best", "digits"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head.split() == ["trial", "val_error", "round", "learning_rate", "optimizer", "layers", "momentum"]
    assert first.split() == ["#41", "0.01235", "1", "0.0123", "adam", "2"]


def test_show_tells_what_the_study_is(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(finished())
    assert main(["show", "digits"]) == 0
    out = capsys.readouterr().out
    assert "val_error, to minimize" in out
    assert "58 of 60" not in out
    assert "60 of 60 trials finished, 2 failed in 48s" in out


def test_export_asks_for_the_form_that_the_file_s_name_says(
    serve: Serve, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    def exported(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=str(sorted(request.url.params.items())).encode())

    serve(FakeService({**finished().answers, f"GET {PATH}/trials/export": exported}))
    assert main(["export", "digits", "--file", str(tmp_path / "t.parquet"), "--filter", "round = 2"]) == 0
    assert (tmp_path / "t.parquet").read_text() == "[('filter', 'round = 2'), ('format', 'parquet')]"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".t")] == []
    assert capsysbinary.readouterr().out == b""
    assert main(["export", "digits", "--state", "failed"]) == 0
    assert capsysbinary.readouterr().out == b"[('format', 'csv'), ('state', 'failed')]"


def test_an_export_that_breaks_off_leaves_no_file(serve: Serve, tmp_path: Path) -> None:
    serve(FakeService({**finished().answers, f"GET {PATH}/trials/export": httpx2.ReadError("lost")}))
    assert main(["export", "digits", "--file", str(tmp_path / "t.csv")]) == 3
    assert not [path for path in tmp_path.iterdir() if "t.csv" in path.name]


SAID = {
    "forecast": {
        "ended": 40,
        "left": 20,
        "seconds": {"low": 60.0, "middle": 90.0, "high": 130.0},
        "spent_seconds": 400.0,
        "compute_seconds": None,
        "random_would_have_hit": [{"top": 0.05, "chance": 0.87}],
        "gain": None,
        "stopping": {"stopped": 9, "saved_seconds": 50.0, "saved_share": 0.11},
    },
    "health": {"items": [{"severity": "warning", "message": "lr: at its low bound", "hint": "Lower it."}]},
    "leaderboard": {
        "repeated": True,
        "items": [
            {
                "place": 1,
                "number": 4,
                "value": 0.5,
                "low": 0.4,
                "high": 0.6,
                "values": [0.5, 0.5],
                "params": {"lr": 0.1},
            }
        ],
        "ground": {"kind": "flat", "neighbours": 7, "lost": 0.1},
    },
}


def test_show_tells_what_is_asked_for_within_80_columns(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {f"GET {PATH}/{name}": answer(said) for name, said in SAID.items()}
    serve(FakeService({**finished().answers, **answers}))
    assert main(["show", "digits", "--forecast", "--health", "--leaderboard"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = lines[lines.index("forecast") :]
    assert told == [
        "forecast",
        "20 of 60 trials left",
        "ends in 1m 30s (1m 00s to 2m 10s)",
        "compute: 6m 40s spent",
        "as many random draws would have hit the top 5%: 87%",
        "too few trials have ended to say what more would gain",
        "stopping 9 trials early saved 50s (11%)",
        "",
        "health",
        "warning lr: at its low bound. Lower it.",
        "",
        "leaderboard",
        "place  trial  mean         90%  seeds  params",
        "    1     #4   0.5  0.4 to 0.6      2  lr=0.1",
        "the first stands on flat ground, by 7 neighbours",
    ]
    assert max(map(len, told)) <= 80


def test_compared_trials_stand_side_by_side(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    parameters = [
        {"name": "learning_rate", "differs": True, "has": [True, True], "values": [0.1, 0.05]},
        {"name": "layers", "differs": False, "has": [True, True], "values": [2, 2]},
    ]
    said = {"trials": [trial(0, step=2), trial(1, step=1)], "parameters": parameters, "metric": "val_error"}
    curves = {"revision": 1, "steps": [1, 2], "values": [[0.5, 0.25], [0.4, None]]}
    serve(FakeService({**finished().answers, f"GET {PATH}/compare": answer({**said, **curves})}))
    assert main(["compare", "digits", "0", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "                         #0         #1",
        "state             completed  completed",
        "val_error              0.25        0.4",
        "curve                    █▁          ▁",
        "step                      2          1",
        "learning_rate  *        0.1       0.05",
        "layers                    2          2",
    ]


def test_logs_go_on_behind_what_was_printed(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    def logs(request: httpx2.Request) -> httpx2.Response:
        after = request.url.params.get("after")
        text = "" if after == "1.2" else "epoch 1\nepoch 2\n"
        return httpx2.Response(200, text=text, headers={"Caviar-Log-Cursor": "1.2"})

    answers = {f"GET {PATH}/trials/0": answer(trial(0)), "GET /api/v1/trials/t0": answer(trial(0))}
    serve(FakeService({**finished().answers, **answers, "GET /api/v1/trials/t0/logs": logs}))
    assert main(["logs", "digits", "0", "-f"]) == 0
    assert capsys.readouterr().out == "epoch 1\nepoch 2\n"


@pytest.mark.parametrize("action", ["pause", "resume", "stop"])
def test_actions_answer_with_the_study_s_state(serve: Serve, action: str, capsys: pytest.CaptureFixture[str]) -> None:
    service = serve(FakeService({**finished().answers, f"POST {PATH}/{action}": answer(DONE)}))
    assert main([action, "digits"]) == 0
    assert "60 of 60 trials finished" in capsys.readouterr().out
    assert service.requests[1].method == "POST"


def test_extend_wants_something_to_extend(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(finished())
    assert main(["extend", "digits"]) == 2
    assert "--trials" in capsys.readouterr().err


def test_preview_shows_ranges_samples_and_warnings(
    serve: Serve, study_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    histograms = {
        "lr": {"kind": "numbers", "scale": "log", "active": 1.0, "edges": [0.1, 1.0, 10.0], "counts": [1, 8]},
        "opt": {"kind": "labels", "active": 1.0, "labels": ["sgd", "adam"], "counts": [4, 4], "more": 0},
    }
    body = {
        "configurations": [{"lr": 0.5, "opt": "sgd"}],
        "histograms": histograms,
        "warnings": [{"pointer": "/space/lr", "code": "scale", "detail": "spans 2 orders on a linear scale"}],
    }
    serve(FakeService({"POST /api/v1/preview": answer(body)}))
    assert main(["preview", str(study_file)]) == 0
    out = capsys.readouterr().out
    assert "warning /space/lr: spans 2 orders on a linear scale" in out
    assert "0.1 to 10" in out
    assert "▁█" in out


def test_a_token_is_printed_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "admin-token").write_text("cav_secret\n")
    assert main(["token", "show"]) == 0
    assert capsys.readouterr().out == "cav_secret\n"


def test_a_database_is_upgraded_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "check"]) == 1
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert "the schema is up to date" in capsys.readouterr().out.splitlines()[-1]


def test_the_doctor_looks_without_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "ok    Python 3." in out
    assert "note  no Caviar server is configured" in out


def test_importance_draws_what_can_be_said_and_says_what_can_not(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    share = {"share": 0.8, "low": 0.7, "high": 0.9, "clear": True}
    said = {
        "method": "ped_anova",
        "revision": 3,
        "trials": 60,
        "enough": True,
        "message": "too few trials to say what matters among the good: 60 have ended, it takes about 160",
        "parameters": [
            {"name": "lr", "whole": share, "good": None, "prior": 1},
            {"name": "seed", "whole": {**share, "share": 0.01, "clear": False}, "good": None, "prior": None},
        ],
    }
    serve(finished(**{f"GET {PATH}/importance": answer(said)}))
    assert main(["importance", "digits"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == said["message"]
    assert lines[2].split() == ["lr", "80%", "(70%..90%)", "-", "1", "█" * 16]
    assert lines[3].split() == ["seed", "unclear", "-", "-"]
