"""The progress display of a terminal: a bar over the whole study, the best so far, and what runs now."""

from typing import Self

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from caviar.client.follow import Snapshot
from caviar.client.models import StudyInfo, TrialInfo
from caviar.client.progress import WAITING, best_text, count_text, end_text, is_waiting
from caviar.client.words import duration, number, objective_text, params_text

RUNNING_LINES = 8
WARNING_LINES = 3


class LiveFeed:
    """A context manager; `show` redraws."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8, transient=True, redirect_stderr=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, snapshot: Snapshot, elapsed: float) -> None:
        self._live.update(View(snapshot, elapsed), refresh=True)


class View:
    """One frame; it fits whatever width it is drawn at."""

    def __init__(self, snapshot: Snapshot, elapsed: float) -> None:
        self._snapshot = snapshot
        self._elapsed = elapsed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        study = self._snapshot.study
        outlook = _outlook(self._snapshot)
        yield Group(_head(study, self._elapsed), _bar(study), _best(study), *outlook, *_running(self._snapshot))


def _head(study: StudyInfo, elapsed: float) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_row(
        Text.assemble((study.name, "bold"), f" {study.state}: {count_text(study)}{end_text(study)}"), duration(elapsed)
    )
    return grid


def _bar(study: StudyInfo) -> RenderableType:
    finished, total = study.counts.finished, max(1, study.budgeted or 1)
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column(justify="right", width=4)
    grid.add_row(ProgressBar(total=float(total), completed=float(finished)), f"{min(1.0, finished / total):.0%}")
    return grid


def _best(study: StudyInfo) -> RenderableType:
    if study.best is None:
        return Text("best so far: none yet", style="dim", no_wrap=True, overflow="ellipsis")
    found = Text.assemble("best so far: ", (best_text(study.metric, study.best), "bold green"))
    found.append(f"  {params_text(study.best.params)}", "dim")
    found.no_wrap, found.overflow = True, "ellipsis"
    return found


def _outlook(snapshot: Snapshot) -> list[RenderableType]:
    """A line each for end and cost, and the first warnings: what runs must stay in sight."""
    outlook, name = snapshot.outlook, snapshot.study.name
    told = [Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in (outlook.ends, outlook.cost) if line]
    shown = outlook.warnings[:WARNING_LINES]
    warned = [Text.assemble(("warning", "yellow"), f" {each.message}. {each.hint}") for each in shown]
    more = len(outlook.warnings) - len(shown)
    return [*told, *warned, *([Text(f"  and {more} more: caviar show {name} --health", style="dim")] if more else [])]


def _running(snapshot: Snapshot) -> list[RenderableType]:
    study, trials = snapshot.study, snapshot.running
    if not trials:
        return [Text(WAITING, style="dim")] if is_waiting(study) else []
    lines: list[RenderableType] = [_trial(study.metric, trial) for trial in trials[:RUNNING_LINES]]
    more = study.counts.running - len(lines)
    return [*lines, Text(f"  and {more} more running", style="dim")] if more > 0 else lines


def _trial(metric: str, trial: TrialInfo) -> Text:
    line = Text(f"  #{trial.number}", style="cyan", no_wrap=True, overflow="ellipsis")
    if trial.step is not None:
        line.append(f" step {number(trial.step)}", "default")
    if trial.value is not None:
        line.append(f" {objective_text(metric, trial.value)}", "default")
    line.append(f"  {params_text(trial.params)}", "dim")
    return line
