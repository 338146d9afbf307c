import io
from dataclasses import replace

from rich.console import Console
from tests.unit.client.fake import study

from caviar.client.follow import Snapshot
from caviar.client.live import View
from caviar.client.models import StudyInfo, TrialInfo
from caviar.client.outlook import Outlook, Warned
from caviar.client.progress import PlainFeed


def snapshot(finished: int, best: tuple[int, float] | None = None, state: str = "running") -> Snapshot:
    found = {"number": best[0], "value": best[1], "params": {"lr": 0.5}} if best else None
    info = study(state=state, counts={"running": 2, "completed": finished}, best=found)
    running = [TrialInfo(id=f"t{n}", number=n, state="running", step=3, value=0.25, params={"lr": 0.1}) for n in (7, 8)]
    return Snapshot(StudyInfo.model_validate(info), tuple(running))


def test_a_new_best_is_told_at_once_and_once() -> None:
    feed = PlainFeed()
    feed.lines(snapshot(0), 0.0)
    assert feed.lines(snapshot(1, (0, 0.5)), 0.1) == ["digits: new best #0 val_error=0.5  lr=0.5"]
    assert feed.lines(snapshot(2, (0, 0.5)), 0.2) == []
    assert feed.lines(snapshot(2, (1, 0.25)), 0.3) == ["digits: new best #1 val_error=0.25  lr=0.5"]


def test_finished_trials_are_told_every_few_and_once_a_second() -> None:
    feed = PlainFeed()
    feed.lines(snapshot(0), 0.0)
    assert feed.lines(snapshot(2), 5.0) == []
    assert feed.lines(snapshot(3), 5.1) == ["digits: 3 of 60 trials finished, 2 running"]
    assert feed.lines(snapshot(9), 5.2) == []
    assert feed.lines(snapshot(9), 6.2) == ["digits: 9 of 60 trials finished, 2 running"]


def test_a_study_that_nobody_trains_says_so_once() -> None:
    feed = PlainFeed()
    idle = Snapshot(StudyInfo.model_validate(study(counts={"waiting": 4})))
    assert [len(feed.lines(idle, now)) for now in (0.0, 5.0, 10.0, 15.0)] == [1, 0, 1, 0]
    assert "waiting for an agent" in PlainFeed(state="running", idle_since=0.0).lines(idle, 11.0)[0]


def test_a_change_of_state_is_told() -> None:
    feed = PlainFeed()
    assert feed.lines(snapshot(0), 0.0) == ["digits: running"]
    assert feed.lines(snapshot(1, state="paused"), 0.1) == ["digits: paused"]


def test_the_display_fits_eighty_columns() -> None:
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=True, color_system=None).print(View(snapshot(12, (3, 0.0123)), 65.0))
    lines = out.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "12 of 60 trials finished, 2 running" in lines[0]
    assert "1m 05s" in lines[0]
    assert "best so far: #3 val_error=0.0123" in lines[2]
    assert "#7 step 3 val_error=0.25  lr=0.1" in lines[3]


WARNED = tuple(
    Warned(f"at_bound lr{n}", f"The best trials lie at the upper end of lr{n}" * 3, "Widen it.") for n in range(5)
)
OUTLOOK = Outlook("ends in 12m 00s (10m 00s to 15m 00s)", "compute: 3m 00s spent, 20m 00s (18m 00s to 22m 00s) to come")


def test_the_display_with_outlook_and_long_warnings_fits_eighty_columns() -> None:
    out = io.StringIO()
    seen = replace(snapshot(12, (3, 0.0123)), outlook=replace(OUTLOOK, warnings=WARNED))
    Console(file=out, width=80, force_terminal=True, color_system=None).print(View(seen, 65.0))
    lines = out.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[3:5] == [OUTLOOK.ends, OUTLOOK.cost]
    assert [line[:8] for line in lines].count("warning ") == 3
    assert "  and 2 more: caviar show digits --health" in lines
    assert any("#8 step 3" in line for line in lines)


def test_lines_tell_the_cost_with_the_counts() -> None:
    feed = PlainFeed()
    feed.lines(snapshot(0), 0.0)
    (line,) = feed.lines(replace(snapshot(3), outlook=OUTLOOK), 5.0)
    assert line == f"digits: 3 of 60 trials finished, 2 running, {OUTLOOK.cost}"


def test_lines_tell_each_warning_once_though_its_numbers_change() -> None:
    feed = PlainFeed(state="running")
    first = Warned("failures", "2 of 9 trials failed", "Look at their logs.")
    seen = replace(snapshot(0), outlook=Outlook(warnings=(first,)))
    again = replace(snapshot(0), outlook=Outlook(warnings=(replace(first, message="3 of 10 trials failed"),)))
    assert feed.lines(seen, 0.0) == ["digits: warning: 2 of 9 trials failed. Look at their logs."]
    assert feed.lines(again, 1.0) == []
