"""The whole of Caviar from its command line: service, Ray, agent and training code, and nothing left behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support.processes import ended_within, processes_naming, wait_for_line

from caviar.client.client import Client
from caviar.client.discovery import read_server_file

pytestmark = pytest.mark.processes

TRAIN = """
import time
from helper import loss_of

def main(trial):
    for step in range(1, 4):
        print("step", step)
        time.sleep({pause})
        trial.report(step=step, loss=loss_of(trial.params["lr"]) / step)
"""

STUDY = """
name: small
metric: {{name: loss, goal: minimize}}
train: {{function: "train:main"}}
code: ./code
space: {{lr: {{type: float, low: 0.0001, high: 1.0, scale: log}}}}
search: {{strategy: random, seed: 1}}
budget: {{trials: {trials}, parallel: 2}}
resources: {{cpus: 0.5}}
"""


def write_study(folder: Path, trials: int, pause: float = 0.0) -> Path:
    code = folder / "code"
    code.mkdir()
    (code / "train.py").write_text(TRAIN.format(pause=pause))
    (code / "helper.py").write_text("def loss_of(lr):\n    return abs(lr - 0.01)\n")
    path = folder / "study.yaml"
    path.write_text(STUDY.format(trials=trials))
    return path


def start(path: Path, data: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "caviar.cli.main", "run", str(path), "--data-dir", str(data)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **(environment or {})})


def nothing_is_left_of(data: Path) -> bool:
    return read_server_file(data) is None and processes_naming(str(data)) == []


def test_a_run_trains_ranks_and_leaves_nothing_running_twice_over(tmp_path: Path) -> None:
    path, data = write_study(tmp_path, trials=6), tmp_path / "data"
    for _ in range(2):
        process = start(path, data)
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
        assert re.fullmatch(r"best trial #\d loss=0\.\d+", out.splitlines()[-1])
        assert "6 of 6 trials finished" in out
        assert f"caviar up --data-dir {data}" in out
        assert nothing_is_left_of(data)
    assert (data / "caviar.db").exists()


def test_an_interrupted_run_stops_at_once_and_the_next_goes_on_with_it(tmp_path: Path) -> None:
    path, data = write_study(tmp_path, trials=8, pause=0.2), tmp_path / "data"
    process = start(path, data)
    wait_for_line(process, lambda line: "trials finished" in line)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "The same `caviar run` goes on with it" in err
    assert nothing_is_left_of(data)
    process = start(path, data)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    assert "small was not finished: going on with it" in out
    assert "8 of 8 trials finished" in out


def test_a_killed_run_leaves_nothing_running(tmp_path: Path) -> None:
    path, data = write_study(tmp_path, trials=50, pause=0.5), tmp_path / "data"
    process = start(path, data)
    wait_for_line(process, lambda line: "trials finished" in line or "new best" in line)
    record = read_server_file(data)
    assert record is not None
    process.kill()
    process.communicate()
    assert ended_within(record["pid"], 40.0)
    assert nothing_is_left_of(data)


def test_python_functions_are_trained_from_their_source(tmp_path: Path) -> None:
    offset = 0.25

    def main(trial: Any) -> dict[str, float]:
        return {"loss": trial.params["x"] ** 2 + offset}

    with Client.local(tmp_path / "data") as client:
        study = client.create_study(
            train=main,
            space={"x": {"type": "float", "low": -1, "high": 1}},
            metric="loss",
            trials=4,
            search="random",
            resources={"cpus": 0.5},
        )
        study.wait(timeout=90)
        assert study.state == "completed", study.info.reason
        assert study.best is not None
        assert study.best.value >= offset
        failing = client.create_study(
            train="train:absent",
            space={"x": {"type": "float", "low": 0, "high": 1}},
            metric="loss",
            trials=2,
            retries=0,
        )
        failing.wait(timeout=60)
        assert failing.state in {"failed", "completed"}
        reasons = {trial.info.reason.code for trial in failing.trials() if trial.info.reason}
        assert "import_error" in reasons
    assert nothing_is_left_of(tmp_path / "data")
