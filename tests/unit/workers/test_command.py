"""A command's arguments and its printed reports; the environment of training code."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from caviar_workers.runner.command import PrintedLines, filled
from caviar_workers.runner.environment import child_environment, parameter_variables
from caviar_workers.runner.messages import Lines, Reported


def test_placeholders_are_filled_in_and_nothing_else() -> None:
    command = ["python", "--lr={lr}", "{opt}", "{flag}", "${HOME}; rm {", "{missing}x", '{"a": 1}']
    filled_in = filled(command, {"lr": 0.1, "opt": "a b; c", "flag": True, "HOME": "h"})
    assert filled_in == ["python", "--lr=0.1", "a b; c", "true", "$h; rm {", "x", '{"a": 1}']


def test_parameters_become_variables() -> None:
    assert parameter_variables({"learning.rate": 0.1, "n": None}) == {
        "CAVIAR_PARAM_LEARNING_RATE": "0.1",
        "CAVIAR_PARAM_N": "",
    }


def test_the_environment_of_a_child_holds_no_secrets() -> None:
    inherited = {"RAY_AUTH_TOKEN": "s", "CAVIAR_TOKEN": "s", "HOME": "/h", "PATH": "/bin", "CUDA_VISIBLE_DEVICES": "0"}
    environment = child_environment(inherited, cookie="c", cpus=0.5, gpu_ids=())
    assert "s" not in environment.values()
    assert environment["HOME"] == "/h"
    assert environment["CUDA_VISIBLE_DEVICES"] == ""
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["PATH"].split(os.pathsep)[-1] == "/bin"


def fed(*pieces: bytes) -> list[Reported | bytes]:
    printed = PrintedLines("loss")
    return [part for piece in pieces for part in printed.feed(piece, 1.0)] + list(printed.finish(1.0))


def test_lines_with_the_objective_are_reports() -> None:
    assert fed(b'hello\n{"loss": 1, "name": "x", "ok": true}\n{"step": 9, "lo', b'ss": NaN}') == [
        b"hello\n",
        Reported(1.0, {"loss": 1.0}, 1.0),
        Reported(9.0, {"loss": "NaN"}, 1.0),
    ]


def test_names_that_no_metric_may_have_are_left_out() -> None:
    line = b'{"loss": 1, "a\\u0000": 1, "\\ud800": 1, "": 1, "' + b"x" * 201 + b'": 1}\n'
    assert fed(line) == [Reported(1.0, {"loss": 1.0}, 1.0)]


def test_other_json_is_output() -> None:
    lines = b'{"acc": 1}\n{"loss": "low"}\n{"loss": true}\n{broken\n[1]\n'
    assert b"".join(part for part in fed(lines) if isinstance(part, bytes)) == lines


def test_a_line_without_end_is_output_and_takes_no_memory() -> None:
    printed = PrintedLines("loss")
    size = 0
    for _ in range(100):
        for part in printed.feed(b"x" * 60_000, 1.0):
            assert isinstance(part, bytes)
            size += len(part)
        assert len(printed._rest) <= 65_536
    assert size >= 100 * 60_000 - 65_536


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_comes_out_of_the_pipe_only_valid_messages_are_taken(pieces: list[bytes]) -> None:
    lines = Lines()
    for piece in pieces:
        for message in lines.feed(piece):
            assert message is not None


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_output_survives_however_it_is_cut(data: bytes, size: int) -> None:
    parts = fed(*[data[start : start + size] for start in range(0, len(data), size)])
    if not any(isinstance(part, Reported) for part in parts):
        assert b"".join(part for part in parts if isinstance(part, bytes)) == data


def test_the_childs_python_comes_first_in_the_path() -> None:
    import sys

    environment = child_environment({"PATH": "/bin"}, cookie="c", cpus=1, gpu_ids=())
    assert environment["PATH"].startswith(str(Path(sys.executable).parent))


def test_doubled_braces_stand_for_themselves_and_other_braces_are_left_alone() -> None:
    assert filled(["{{lr}}", '{"lr": {lr}}', "{}"], {"lr": 0.1}) == ["{lr}", '{"lr": 0.1}', "{}"]
