"""A slot with real children: reuse, order, logs, stopping, and nothing left behind."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import orjson
import pytest
from tests.integration.workers.bench_slot import CODE, PATIENCE, BenchSlot
from tests.integration.workers.descendants import descendants

from caviar.api.wire_body import read_sync
from caviar_workers.attempts import SlotSettings
from caviar_workers.slot import Slot
from caviar_workers.spool import Chunk

pytestmark = pytest.mark.processes


def test_events_of_a_trial_come_in_order_with_rising_seq(bench: BenchSlot) -> None:
    end = bench.run("good")
    events = [event for event in bench.events if event["attempt"] == end["attempt"]]
    assert [event["kind"] for event in events] == ["started", "report", "report", "report", "finished"]
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    assert [event["step"] for event in events[1:4]] == [1.0, 2.0, 3.0]
    assert end["metrics"] == {"loss": 1.5}


def test_a_child_is_reused_and_each_trial_has_its_own_log(bench: BenchSlot) -> None:
    ids = bench.submit("process_id", count=5)
    pids = {bench.ending(attempt)["metrics"]["loss"] for attempt in ids}
    assert len(pids) == 1
    assert [bench.log(attempt) for attempt in ids] == [f"hello from {number}\n" for number in range(5)]


def test_the_child_knows_its_gpus_and_threads_and_no_secrets(tmp_path: Path) -> None:
    environ = {**os.environ, "RAY_AUTH_TOKEN": "x", "RAY_AUTH_TOKEN_PATH": "/x", "CAVIAR_TOKEN": "x"}
    bench = BenchSlot(tmp_path, cpus=2.5, gpu_ids=("1", "3"))
    bench.slot._environ = environ
    end = bench.run("environment")
    bench.slot.close()
    expected = {"CUDA_VISIBLE_DEVICES": "1,3", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    assert json.loads(bench.log(end["attempt"])) == {**expected, "secrets": [], "cwd": str(CODE)}


@pytest.mark.parametrize("function", ["polite", "spin"])
def test_a_stop_ends_the_trial_and_spares_the_child(bench: BenchSlot, function: str) -> None:
    [attempt] = bench.submit(function)
    pid = bench.seen(attempt, "started")["pid"]
    bench.seen(attempt, "report")
    bench.order(attempt, "stop")
    end = bench.ending(attempt)
    assert (end["kind"], end["killed"]) == ("stopped", False)
    assert bench.run("process_id")["metrics"]["loss"] == pid


@pytest.mark.parametrize("function", ["holds_the_gil", "deaf", "forks_and_hides"])
def test_a_trial_that_does_not_stop_is_killed_with_all_it_started(bench: BenchSlot, function: str) -> None:
    [attempt] = bench.submit(function)
    bench.seen(attempt, "report")
    asked = time.monotonic()
    bench.order(attempt, "stop", 0.2)
    end = bench.ending(attempt)
    assert (end["kind"], end["killed"]) == ("stopped", True)
    assert time.monotonic() - asked < 2.2
    assert not descendants()


def test_processes_left_behind_are_removed_with_their_child(bench: BenchSlot) -> None:
    pid = bench.run("process_id")["metrics"]["loss"]
    assert bench.run("forks_and_hides", params={"leave": True})["kind"] == "finished"
    assert bench.run("process_id")["metrics"]["loss"] != pid
    assert len(descendants()) == 1


def test_what_is_not_begun_can_be_taken_back_and_returned(bench: BenchSlot, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    first, *others = bench.submit("waits_for_file", count=5, params={"file": str(flag)})
    bench.seen(first, "started")
    bench.order(others[1], "return")
    assert bench.ending(others[1])["kind"] == "returned"
    bench.order(others[2], "stop")
    assert bench.ending(others[2])["kind"] == "stopped"
    assert orjson.loads(bench.slot.take_back()) == [others[0], others[3]]
    assert orjson.loads(bench.slot.held()) == [first]
    flag.touch()
    assert bench.ending(first)["kind"] == "finished"
    assert orjson.loads(bench.slot.held()) == []


def test_a_forgotten_attempt_is_killed_and_never_spoken_of(bench: BenchSlot) -> None:
    [attempt] = bench.submit("spin")
    bench.seen(attempt, "report")
    bench.order(attempt, "forget")
    bench.run("noop")
    assert {event["kind"] for event in bench.events if event["attempt"] == attempt} <= {"started", "report"}


def test_a_flood_of_reports_is_thinned_and_its_last_is_exact(bench: BenchSlot) -> None:
    end = bench.run("floods")
    reports = bench.of(end["attempt"], "report")
    assert reports[-1]["step"] == 200_000.0
    assert 1_000 < len(reports) < 10_000
    assert [report["step"] for report in reports[:1000]] == [float(step) for step in range(1, 1001)]


def test_a_line_of_100_mb_is_cut_and_its_end_is_kept(bench: BenchSlot) -> None:
    end = bench.run("shouts")
    pieces = bench.of(end["attempt"], "log")
    assert max(len(piece["text"]) for piece in pieces) <= 65_536
    assert sum(len(piece["text"]) for piece in pieces) < 7_000_000
    told_of = sum(len(piece["text"]) + piece["skipped"] for piece in pieces)
    assert 0.9 < told_of / 100_000_000 <= 1.0 + 1e-7
    assert pieces[-1]["text"].endswith("the end\n")


def test_garbage_on_the_pipe_does_no_harm(bench: BenchSlot) -> None:
    assert bench.run("writes_garbage")["kind"] == "finished"
    assert bench.run("good")["kind"] == "finished"


def test_half_a_line_on_the_pipe_does_not_hide_the_end(bench: BenchSlot) -> None:
    assert bench.run("leaves_half_a_line")["metrics"] == {"loss": 0.5}


def test_of_final_metrics_without_end_the_objective_is_kept(bench: BenchSlot) -> None:
    metrics = bench.run("returns_anything")["metrics"]
    assert metrics["loss"] == 0.5
    assert len(metrics) == 200


def test_what_a_trial_says_is_taken_by_the_service_whatever_is_in_it(bench: BenchSlot) -> None:
    end = bench.run("speaks_in_tongues")
    assert end["message"].startswith("ValueError: half \ufffd, \ufffd[2J and \ufffd")
    events = b",".join(orjson.dumps({**event, "attempt": "a"}) for event in bench.events)
    read_sync(b'{"incarnation": "1", "number": 1, "events": [' + events + b"]}")


def test_a_command_reports_by_printing(bench: BenchSlot) -> None:
    end = bench.run(command=["python", "command.py", "good", "{x}"])
    assert end["kind"] == "finished"
    assert [report["metrics"] for report in bench.of(end["attempt"], "report")] == [{"loss": 1.5}, {"loss": 0.75}]
    assert bench.log(end["attempt"]) == 'some output\n{"other": 1}\n1.5 1.5\n'


def test_a_command_reports_through_its_trial(bench: BenchSlot) -> None:
    end = bench.run(command=[sys.executable, "command.py", "trial"])
    assert end["kind"] == "finished"
    assert [(report["step"], report["metrics"]) for report in bench.of(end["attempt"], "report")] == [
        (7.0, {"loss": 1.5})
    ]


def test_a_command_is_stopped_by_sigterm(bench: BenchSlot) -> None:
    [attempt] = bench.submit(command=["python", "command.py", "spins"])
    assert bench.seen(attempt, "report")["metrics"] == {"loss": "NaN"}
    bench.order(attempt, "stop")
    end = bench.ending(attempt)
    assert (end["kind"], end["killed"]) == ("stopped", False)
    assert not descendants()


def test_a_slot_that_no_agent_calls_ends_what_it_runs(tmp_path: Path) -> None:
    slot = Slot(SlotSettings("test", root=tmp_path, lease_seconds=0.3))
    train = {"function": "os:abort", "metric": "loss", "resources": {}, "command": ["sleep", "60"]}
    work = {"key": "k", "train": {**train, "function": None}}
    entry = {"attempt": "a", "trial": "t", "number": 0, "params": {}}
    slot.submit(orjson.dumps({"work": work, "attempts": [entry], "lease_seconds": 0.3}))
    end = time.monotonic() + PATIENCE
    while len(slot._spool) < 2 and time.monotonic() < end:
        slot._thread.join(0.01)
    events = [orjson.loads(event) for event in Chunk.from_bytes(slot.collect(0, 1.0)).events]
    slot.close()
    assert [(event["kind"], event.get("code")) for event in events] == [("started", None), ("failed", "slot_lost")]
    assert events[1]["infrastructure"]
    assert not descendants()


def test_events_stay_until_they_are_acknowledged(bench: BenchSlot) -> None:
    bench.submit("noop")
    bench.until(lambda event: event["kind"] == "finished")
    again = Chunk.from_bytes(bench.slot.collect(0, 0.0))
    assert orjson.loads(again.events[-1])["kind"] == "finished"
    acknowledged = Chunk.from_bytes(bench.slot.collect(again.upto, 0.0))
    assert acknowledged.events == ()


def test_a_built_in_trainer_runs_in_a_slot(bench: BenchSlot) -> None:
    options = {"dataset": "digits", "epochs": 1}
    params = {"learning_rate": 0.1, "batch_size": 64, "hidden_units": 16}
    end = bench.run(builtin="mlp", bundle=None, options=options, metric="val_error", params=params)
    assert end["kind"] == "finished"
    assert bench.of(end["attempt"], "report")[-1]["metrics"]["val_error"] < 0.9


def test_a_metric_by_another_name_is_pointed_out_at_once(bench: BenchSlot) -> None:
    end = bench.run("silent")
    assert "the metric 'loss' is not in this report; it has lozz" in bench.log(end["attempt"])
