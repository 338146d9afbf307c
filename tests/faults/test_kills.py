"""Real processes, really killed. The long forms are `python -m benchmarks.chaos kills`, `restart` and `sqlite`."""

from pathlib import Path

import pytest
from benchmarks.chaos.history import History
from benchmarks.chaos.kills import Siege, besiege
from benchmarks.chaos.restarts import restart
from benchmarks.chaos.sqlite_kills import strike_sqlite
from benchmarks.chaos.stage.stage import Setting

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("ray"),
    pytest.mark.timeout(1_800),
]


def test_a_study_survives_twenty_kills_of_what_it_runs_on(tmp_path: Path) -> None:
    kills = {"service": 6, "agent": 4, "slot": 5, "child": 5}
    outcome = besiege(tmp_path, Siege(Setting(), kills, trials=200), History())
    assert outcome.found == []
    assert sum(outcome.hits.values()) + outcome.missed == 20
    assert {target for target, _ in outcome.hits} == set(kills)


def test_running_trials_do_not_notice_that_service_and_agent_are_killed_or_drained(tmp_path: Path) -> None:
    done = restart(tmp_path, trials=2, times=1, history=History())
    assert done.found == []
    assert {kind: len(took) for kind, took in done.seconds.items()} == {
        "service killed": 1,
        "agent killed": 1,
        "service drained": 1,
    }


def test_sqlite_keeps_what_it_acknowledged_before_each_of_ten_kills(tmp_path: Path) -> None:
    struck = strike_sqlite(tmp_path, kills=10, seed=1)
    assert struck.found == []
    assert struck.kills == 10
    assert struck.acknowledged
