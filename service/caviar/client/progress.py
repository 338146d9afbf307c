"""What following a study prints where nothing can be redrawn: a log, a pipe, a CI job."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from caviar.client.follow import Snapshot
from caviar.client.models import Best, StudyInfo
from caviar.client.words import objective_text, params_text

STEPS: Final = 20
"""Lines that tell of finished trials, over a whole study."""
PACE: Final = 1.0
"""Seconds between such lines, at least."""
QUIET: Final = 10.0
"""Seconds without a running trial after which that is told, once."""


@dataclass(slots=True)
class PlainFeed:
    """Turns snapshots into lines: when the state changes, when a new best comes, and every few finished trials."""

    state: str = ""
    best: Best | None = None
    finished: int = 0
    spoke: float = float("-inf")
    idle_since: float | None = None
    told_idle: bool = False
    warned: set[str] = field(default_factory=set)

    def lines(self, snapshot: Snapshot, now: float) -> list[str]:
        study = snapshot.study
        return [
            *self._state_line(study),
            *self._best_line(study),
            *self._count_line(snapshot, now),
            *self._warning_lines(snapshot),
            *self._idle_line(study, now),
        ]

    def _state_line(self, study: StudyInfo) -> list[str]:
        if study.state == self.state:
            return []
        self.state = study.state
        return [state_text(study)]

    def _best_line(self, study: StudyInfo) -> list[str]:
        best = study.best
        if best is None or (
            self.best is not None and best.number == self.best.number and best.value == self.best.value
        ):
            return []
        self.best = best
        return [f"{study.name}: new best {best_text(study.metric, best)}  {params_text(best.params)}"]

    def _count_line(self, snapshot: Snapshot, now: float) -> list[str]:
        study, cost = snapshot.study, snapshot.outlook.cost
        finished, total = study.counts.finished, study.budgeted or 0
        enough = finished - self.finished >= max(1, total // STEPS)
        if not (enough and now - self.spoke >= PACE):
            return []
        self.finished, self.spoke = finished, now
        return [f"{study.name}: {count_text(study)}{end_text(study)}{cost and f', {cost}'}"]

    def _warning_lines(self, snapshot: Snapshot) -> list[str]:
        """Each kind of warning once: its numbers change with every trial."""
        new = [each for each in snapshot.outlook.warnings if each.code not in self.warned]
        self.warned.update(each.code for each in new)
        return [f"{snapshot.study.name}: warning: {each.message}. {each.hint}" for each in new]

    def _idle_line(self, study: StudyInfo, now: float) -> list[str]:
        if study.counts.running or not is_waiting(study):
            self.idle_since, self.told_idle = None, False
            return []
        self.idle_since = now if self.idle_since is None else self.idle_since
        if self.told_idle or now - self.idle_since < QUIET:
            return []
        self.told_idle = True
        return [f"{study.name}: {WAITING}"]


WAITING: Final = "no trial runs: waiting for an agent to take some"


def is_waiting(study: StudyInfo) -> bool:
    """Whether trials should run and none does."""
    return study.state in {"queued", "running"} and not study.counts.running


def state_text(study: StudyInfo) -> str:
    message = study.reason.message.rstrip(".") if study.reason else ""
    why = f": {message}" if message else ""
    return f"{study.name}: {study.state}{why}"


def best_text(metric: str, best: Best) -> str:
    return f"#{best.number} {objective_text(metric, best.value)}"


def end_text(study: StudyInfo) -> str:
    """`, ends 14:02 to 14:31 UTC`, with the day where it is another; nothing where that can't be said."""
    eta = study.progress.eta
    if eta is None:
        return ""
    form = "%H:%M" if eta.low.date() == eta.high.date() == datetime.now(UTC).date() else "%m-%d %H:%M"
    return f", ends {eta.low:{form}} to {eta.high:{form}} UTC"


def count_text(study: StudyInfo) -> str:
    """12 of 60 trials finished, 2 running, 1 failed."""
    counts = study.counts
    of = f" of {study.budgeted}" if study.budgeted else ""
    parts = [f"{counts.finished}{of} trials finished"]
    parts += [f"{counts.running} running"] if counts.running else []
    parts += [f"{counts.failed} failed"] if counts.failed else []
    return ", ".join(parts)
