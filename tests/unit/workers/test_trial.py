"""The trial that training code sees."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from caviar_workers.thinning import Thinner
from caviar_workers.trial import Nudge, Report, Trial, TrialPaused, TrialStopped


class Recorder:
    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.stopped = False
        self.told_to_pause = False
        self.nudges: list[Nudge] = []
        self.in_force: list[tuple[str, float]] = []

    def report(self, report: Report) -> None:
        self.reports.append(report)

    def check(self) -> None:
        if self.stopped:
            raise TrialStopped

    def pausing(self) -> bool:
        return self.told_to_pause

    def take_nudges(self) -> list[Nudge]:
        nudges, self.nudges = self.nudges, []
        return nudges

    def nudged(self, nudge: str, step: float) -> None:
        self.in_force.append((nudge, step))


@pytest.fixture
def line() -> Recorder:
    return Recorder()


@pytest.fixture
def trial(line: Recorder, tmp_path: Path) -> Trial:
    return Trial(line, params={"lr": 0.1}, number=3, id="t", options={}, folder=tmp_path / "scratch")


def test_params_are_a_read_only_mapping(trial: Trial) -> None:
    assert dict(**trial.params) == {"lr": 0.1}
    with pytest.raises(TypeError):
        trial.params["lr"] = 1.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "keywords", "step", "metrics"),
    [
        ((), {"step": 4, "loss": 1}, 4.0, {"loss": 1.0}),
        (({"loss": 1},), {"step": 4}, 4.0, {"loss": 1.0}),
        (({"loss": 1, "step": 4},), {}, 4.0, {"loss": 1.0}),
        ((4,), {"loss": np.float32(0.5)}, 4.0, {"loss": 0.5}),
        ((), {"loss": np.int64(7)}, 1.0, {"loss": 7.0}),
        ((), {"loss": math.nan, "gain": math.inf, "other": -math.inf}, 1.0,
         {"loss": "NaN", "gain": "Infinity", "other": "-Infinity"}),
    ],
)  # fmt: skip
def test_a_report_takes_keywords_or_a_mapping(
    trial: Trial, line: Recorder, arguments: tuple[Any, ...], keywords: dict[str, Any], step: float, metrics: Any
) -> None:
    trial.report(*arguments, **keywords)
    assert line.reports[0][:2] == (step, metrics)


@pytest.mark.parametrize("value", [True, "0.5", 1j, None, [1.0], np.ones(2), np.bool_(True), 10**400, object()])
def test_what_is_no_number_is_refused_by_name(trial: Trial, value: Any) -> None:
    with pytest.raises(TypeError, match="'loss'"):
        trial.report(loss=value)


def test_a_report_that_is_too_large_is_refused(trial: Trial) -> None:
    with pytest.raises(ValueError, match="200 metrics"):
        trial.report({f"m{index}": 1.0 for index in range(201)})
    with pytest.raises(ValueError, match="1 to 200 characters"):
        trial.report({"m" * 201: 1.0})


def test_steps_count_what_is_done_and_reports_follow_them(trial: Trial, line: Recorder) -> None:
    for _ in trial.steps(3):
        trial.report(loss=1.0)
        trial.report(gain=1.0)
    assert [step for step, _, _ in line.reports] == [1, 1, 2, 2, 3, 3]


def test_steps_without_a_step_count_up(trial: Trial, line: Recorder) -> None:
    trial.report(loss=1.0)
    trial.report(loss=1.0)
    assert [step for step, _, _ in line.reports] == [1, 2]


def test_a_checkpoint_is_restored_and_steps_resume_after_it(trial: Trial) -> None:
    assert trial.restore() is None
    trial.checkpoint("/models/3", step=3)
    assert trial.restore() == Path("/models/3")
    assert list(trial.steps(5)) == [4, 5]


def test_being_told_to_stop_raises_through_except_exception(trial: Trial, line: Recorder) -> None:
    line.stopped = True
    with pytest.raises(TrialStopped):
        trial.report(loss=1.0)
    assert not issubclass(TrialStopped, Exception)
    assert len(line.reports) == 1


def test_a_nudge_is_in_force_after_the_step_that_was_reported(trial: Trial, line: Recorder) -> None:
    seen = []
    for step in trial.steps(3):
        seen.append(trial.params.get("lr"))
        if step == 1:
            line.nudges = [("n1", {"lr": 0.2, "units": 3}), ("n2", {"lr": 0.3})]
        trial.report(loss=1.0)
    assert seen == [0.1, 0.3, 0.3]
    assert dict(trial.params) == {"lr": 0.3}
    assert line.in_force == [("n1", 1.0), ("n2", 1.0)]


def test_a_nudge_that_comes_before_the_first_step_holds_for_it(trial: Trial, line: Recorder) -> None:
    line.nudges = [("n1", {"lr": 0.2})]
    assert [trial.params["lr"] for _ in trial.steps(1)] == [0.2]
    assert line.in_force == [("n1", 0.0)]


def test_within_steps_a_pause_waits_until_the_step_is_reported_and_saved(trial: Trial, line: Recorder) -> None:
    done = []
    with pytest.raises(TrialPaused):  # noqa: PT012
        for step in trial.steps(5):
            line.told_to_pause = step == 2
            trial.report(loss=1.0)
            trial.checkpoint("/models/x")
            done.append(step)
    assert done == [1, 2]


def test_elsewhere_a_pause_waits_for_a_checkpoint_of_the_reported_step(trial: Trial, line: Recorder) -> None:
    trial.checkpoint("/models/0", step=0)
    line.told_to_pause = True
    trial.report(step=1, loss=1.0)
    with pytest.raises(TrialPaused):
        trial.checkpoint("/models/1", step=1)


def test_elsewhere_a_pause_does_not_wait_for_checkpoints_that_never_come(trial: Trial, line: Recorder) -> None:
    line.told_to_pause = True
    with pytest.raises(TrialPaused):
        trial.report(step=1, loss=1.0)
    line.told_to_pause = False
    trial.checkpoint("/models/1", step=1)
    line.told_to_pause = True
    trial.report(step=2, loss=1.0)
    with pytest.raises(TrialPaused):
        trial.report(step=3, loss=1.0)


def test_an_ended_trial_takes_no_reports(trial: Trial) -> None:
    trial.close()
    with pytest.raises(RuntimeError, match="has ended"):
        trial.report(loss=1.0)


def test_a_million_reports_at_once_leave_a_few_thousand() -> None:
    thinner = Thinner()
    kept = [index for index in range(1_000_000) if thinner.keep(0.0)]
    assert kept[:1000] == list(range(1000))
    assert len(kept) < 7_000


def test_slow_reports_are_all_kept() -> None:
    thinner = Thinner()
    assert all(thinner.keep(0.11 * index) for index in range(10_000))
