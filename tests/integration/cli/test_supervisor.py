import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.processes import ended_within, wait_for_line

pytestmark = pytest.mark.processes


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).with_name("supervised.py")), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def child(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text())


def both_up(supervisor: subprocess.Popen[str], folder: Path) -> tuple[int, int]:
    wait_for_line(supervisor, lambda line: line == "ready second\n")
    return child(folder, "first"), child(folder, "second")


def test_what_is_killed_comes_back_and_the_rest_stays(supervisor: subprocess.Popen[str], tmp_path: Path) -> None:
    first, second = both_up(supervisor, tmp_path)
    os.kill(first, signal.SIGKILL)
    assert "killed by SIGKILL" in wait_for_line(supervisor, lambda line: "starting it again" in line)
    wait_for_line(supervisor, lambda line: line == "ready first\n")
    assert child(tmp_path, "first") != first
    assert child(tmp_path, "second") == second
    assert not ended_within(second, 0.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all(supervisor: subprocess.Popen[str], tmp_path: Path, number: int) -> None:
    pids = both_up(supervisor, tmp_path)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    assert all(ended_within(pid, 0.0) for pid in pids)


def test_a_killed_supervisor_leaves_nothing(supervisor: subprocess.Popen[str], tmp_path: Path) -> None:
    pids = both_up(supervisor, tmp_path)
    supervisor.kill()
    assert all(ended_within(pid, 10.0) for pid in pids)
