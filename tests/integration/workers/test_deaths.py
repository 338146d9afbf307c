"""Every way to die has its name."""

from __future__ import annotations

import pytest
from tests.integration.workers.bench_slot import BenchSlot

pytestmark = pytest.mark.processes

DEATHS = [
    ("exit_seven", "exit_code", "exited with code 7"),
    ("system_exit", "exit_code", "exited with code 3"),
    ("kill_myself", "signal", "SIGKILL"),
    ("segfault", "signal", "SIGSEGV"),
    ("abort", "signal", "SIGABRT"),
    ("terminate_myself", "signal", "SIGTERM"),
    ("raising", "exception", "ValueError: the loss is gone (training.py:"),
    ("needs_missing_module", "import_error", "No module named 'no_such_module_anywhere'"),
    ("no_such_module:main", "import_error", "No module named 'no_such_module'"),
    ("broken_module:main", "import_error", "broken at import"),
    ("training:no_such_function", "import_error", "no_such_function"),
    ("memory_error", "oom", "MemoryError"),
    ("silent", "metrics_unavailable", "ended without the metric 'loss'; it reported lozz"),
    ("exit_zero_silently", "metrics_unavailable", "it reported nothing"),
]


@pytest.mark.parametrize(("function", "code", "message"), DEATHS, ids=[name for name, _, _ in DEATHS])
def test_a_death_is_named(bench: BenchSlot, function: str, code: str, message: str) -> None:
    end = bench.run(function)
    assert (end["kind"], end["code"]) == ("failed", code)
    assert message in end["message"]
    assert not end["infrastructure"]


@pytest.mark.parametrize("function", ["spin", "holds_the_gil", "deaf"])
def test_a_trial_that_takes_too_long_dies_of_timeout(bench: BenchSlot, function: str) -> None:
    end = bench.run(function, trial_seconds=0.3, grace_seconds=0.2)
    assert end["code"] == "timeout"
    assert end["message"] == "ran longer than 0.3 s"


def test_a_trial_that_falls_silent_dies_of_timeout_however_busy_it_is(bench: BenchSlot) -> None:
    end = bench.run("spin", silence_seconds=0.5, grace_seconds=0.2)
    assert (end["code"], end["message"]) == ("timeout", "reported nothing for 0.5 s")


def test_a_trial_above_its_memory_limit_dies_of_oom(bench: BenchSlot) -> None:
    end = bench.run("eats_memory", memory_mb=200)
    assert end["code"] == "oom"
    assert "200 MB are allowed" in end["message"]


COMMAND_DEATHS = [
    (["python", "command.py", "fails"], "exit_code", "exited with code 4: what a pity"),
    (["no-such-program", "x"], "import_error", "cannot start 'no-such-program': No such file"),
    (["python", "command.py", "nothing"], "metrics_unavailable", "ended without the metric 'loss'"),
    (["sh", "-c", "kill -SEGV $$"], "signal", "SIGSEGV"),
    (["a\0b"], "import_error", "cannot start"),
]


@pytest.mark.parametrize(("command", "code", "message"), COMMAND_DEATHS)
def test_a_commands_death_is_named(bench: BenchSlot, command: list[str], code: str, message: str) -> None:
    end = bench.run(command=command)
    assert (end["kind"], end["code"]) == ("failed", code)
    assert message in end["message"]


def test_the_slot_works_on_after_each_death(bench: BenchSlot) -> None:
    ids = [bench.submit(function)[0] for function in ("kill_myself", "good", "raising", "good", "exit_seven", "good")]
    kinds = [bench.ending(attempt)["kind"] for attempt in ids]
    assert kinds == ["failed", "finished"] * 3
