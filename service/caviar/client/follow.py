"""Following a study to its end: a snapshot about every half second, patient with a service that restarts."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from caviar.client.errors import NoConnection
from caviar.client.models import StudyInfo, TrialInfo
from caviar.client.outlook import NOTHING, Outlook

if TYPE_CHECKING:
    from caviar.client.study import Study

PATIENCE: Final = 60.0
"""Seconds without an answer before following gives up."""
RUNNING_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Snapshot:
    study: StudyInfo
    running: tuple[TrialInfo, ...] = ()
    outlook: Outlook = NOTHING


@dataclass(frozen=True, slots=True)
class Clock:
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def follow(
    study: "Study", *, pace: float = 0.5, clock: Clock | None = None, check: Callable[[], None] = lambda: None
) -> Iterator[Snapshot]:
    """Snapshots until the study is finished; the last one shows it finished.

    `check` is called when the service does not answer, and may raise when that is for good.
    """
    clock = clock or Clock()
    answered, wait = clock.now(), 0.0
    while True:
        began = clock.now()
        try:
            snapshot = _take(study, wait)
        except NoConnection:
            check()
            if clock.now() - answered > PATIENCE:
                raise
        else:
            answered = clock.now()
            yield snapshot
            if snapshot.study.is_finished:
                return
        clock.sleep(max(0.0, wait - (clock.now() - began)))
        wait = pace


def _take(study: "Study", wait: float) -> Snapshot:
    """The service holds the answer back for `wait` seconds unless the study finishes: no end is noticed late."""
    info = study.refresh(wait=wait, until="finished") if wait else study.refresh()
    return Snapshot(info, () if info.is_finished else tuple(study.running(RUNNING_SHOWN)))
