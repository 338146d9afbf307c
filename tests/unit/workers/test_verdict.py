"""The names of deaths."""

from __future__ import annotations

import pytest

from caviar_workers.protocol import FailureCode
from caviar_workers.runner.messages import Ended, Unstartable
from caviar_workers.runner.process import Exit
from caviar_workers.runner.verdict import Completed, Died, End, Facts, Halted, Unspoken, Wanted, judge


def ended(how: str, detail: object = None) -> Ended:
    return Ended("a", how, detail, 1.0, 0, 0.0)


CASES: list[tuple[End, Facts, FailureCode]] = [
    (Exit(code=7), Facts("loss"), FailureCode.EXIT),
    (Exit(signal=11), Facts("loss"), FailureCode.SIGNAL),
    (Exit(signal=9), Facts("loss"), FailureCode.SIGNAL),
    (Exit(signal=9), Facts("loss", oom_kills=1), FailureCode.OOM),
    (Exit(signal=9), Facts("loss", memory_mb=100, peak_mb=97), FailureCode.OOM),
    (Exit(signal=9), Facts("loss", memory_mb=100, peak_mb=50), FailureCode.SIGNAL),
    (Exit(signal=9), Facts("loss", wanted=Wanted.MEMORY), FailureCode.OOM),
    (Exit(signal=9), Facts("loss", wanted=Wanted.TIMEOUT, trial_seconds=3), FailureCode.TIMEOUT),
    (ended("stopped"), Facts("loss", wanted=Wanted.TIMEOUT, trial_seconds=3), FailureCode.TIMEOUT),
    (Exit(signal=9), Facts("loss", wanted=Wanted.SILENCE, silence_seconds=3), FailureCode.TIMEOUT),
    (Exit(code=0), Facts("loss"), FailureCode.METRIC_MISSING),
    (ended("finished", {"lozz": 1.0}), Facts("loss", seen=["acc"]), FailureCode.METRIC_MISSING),
    (ended("failed", ["exception", "ValueError: x"]), Facts("loss"), FailureCode.EXCEPTION),
    (ended("failed", ["import_error", "x"]), Facts("loss"), FailureCode.IMPORT),
    (ended("failed", ["invented", "x"]), Facts("loss"), FailureCode.EXCEPTION),
    (Unstartable("cannot start 'x'"), Facts("loss"), FailureCode.IMPORT),
]


@pytest.mark.parametrize(("end", "facts", "code"), CASES)
def test_each_death_has_its_code(end: End, facts: Facts, code: FailureCode) -> None:
    verdict = judge(end, facts)
    assert isinstance(verdict, Died)
    assert verdict.code == code


def test_what_was_told_to_stop_has_stopped() -> None:
    assert judge(Exit(signal=9), Facts("loss", wanted=Wanted.STOP, killed=True)) == Halted(killed=True)
    assert judge(Exit(code=0), Facts("loss", wanted=Wanted.STOP)) == Halted(killed=False)
    assert judge(ended("stopped"), Facts("loss")) == Halted(killed=False)


def test_a_trial_that_finished_before_the_order_came_has_finished() -> None:
    end = ended("finished", {"loss": 1.0})
    assert judge(end, Facts("loss", wanted=Wanted.STOP)) == Completed({"loss": 1.0})
    assert judge(end, Facts("loss", wanted=Wanted.TIMEOUT, trial_seconds=1)) == Completed({"loss": 1.0})


def test_a_command_that_reported_its_objective_has_finished() -> None:
    assert judge(Exit(code=0), Facts("loss", seen=["loss"])) == Completed({})


def test_nothing_is_said_of_what_was_to_be_forgotten() -> None:
    assert judge(Exit(signal=9), Facts("loss", wanted=Wanted.FORGET)) == Unspoken()


def test_a_missing_metric_is_named_with_what_there_was() -> None:
    verdict = judge(ended("finished", {"b": 1.0}), Facts("loss", seen=["a"]))
    assert verdict == Died(FailureCode.METRIC_MISSING, "ended without the metric 'loss'; it reported a, b")
