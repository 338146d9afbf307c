"""Checkpoints through real children, from one node to another."""

from pathlib import Path

import pytest
from tests.integration.workers.bench_slot import BenchSlot

pytestmark = pytest.mark.processes


def test_a_trial_that_was_killed_goes_on_in_another_slot(bench: BenchSlot, tmp_path: Path) -> None:
    end = bench.run("keeps_checkpoints")
    assert end["code"] == "signal"
    saved = bench.of(end["attempt"], "checkpoint")
    assert [event["step"] for event in saved] == [1.0, 2.0, 3.0]
    other = BenchSlot(tmp_path / "other-node")
    found = [[event["uri"], event["step"], event["digest"]] for event in reversed(saved)]
    [attempt] = other.submit("keeps_checkpoints", checkpoints=found)
    assert other.ending(attempt)["kind"] == "finished"
    assert [event["metrics"] for event in other.of(attempt, "report")] == [{"loss": 4.0}, {"loss": 5.0}]
    other.slot.close()


def test_a_nudge_takes_effect_between_two_steps_and_a_pause_after_a_checkpoint(bench: BenchSlot) -> None:
    [attempt] = bench.submit("is_steered", params={"x": 1.0})
    bench.seen(attempt, "report")
    bench.command({"attempt": attempt, "action": "nudge", "nudge": "n1", "params": {"x": 2.0}})
    nudged = bench.seen(attempt, "nudged")
    bench.until(lambda event: event["kind"] == "report" and event["step"] > nudged["step"])
    for event in bench.of(attempt, "report"):
        assert event["metrics"] == {"loss": 1.0 if event["step"] <= nudged["step"] else 2.0}
    bench.order(attempt, "pause")
    end = bench.ending(attempt)
    assert (end["kind"], end["killed"]) == ("stopped", False)
    assert bench.of(attempt, "checkpoint")[-1]["step"] == bench.of(attempt, "report")[-1]["step"]


def test_a_command_finds_a_nudge_in_its_file(bench: BenchSlot) -> None:
    [attempt] = bench.submit(command=["python", "command.py", "waits_for_a_nudge"], params={"x": 1.0})
    bench.seen(attempt, "report")
    bench.command({"attempt": attempt, "action": "nudge", "nudge": "n1", "params": {"x": 2.0}})
    assert bench.seen(attempt, "nudged")["step"] == 1.0
    assert bench.ending(attempt)["kind"] == "finished"
    assert bench.of(attempt, "report")[-1]["metrics"] == {"loss": 2.0}
