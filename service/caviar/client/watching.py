"""Following a study with something to see: a display in a terminal, plain lines elsewhere, or nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from caviar.client.follow import Snapshot, follow
from caviar.client.models import StudyInfo
from caviar.client.outlook import Outlooks
from caviar.client.progress import PlainFeed

if TYPE_CHECKING:
    from rich.console import Console

    from caviar.client.study import Study

Show = Callable[[Snapshot], None]


def watch(
    study: "Study",
    *,
    progress: bool = True,
    timeout: float | None = None,
    console: "Console | None" = None,
    check: Callable[[], None] = lambda: None,
) -> StudyInfo:
    """Returns the finished study. Raises TimeoutError after `timeout` seconds, and what `follow` raises."""
    began = time.monotonic()
    outlooks = Outlooks(study)
    with _shown(progress=progress, console=console) as show:
        for snapshot in follow(study, check=check):
            show(_with_outlook(snapshot, outlooks) if progress else snapshot)
            if timeout is not None and time.monotonic() - began > timeout and not snapshot.study.is_finished:
                raise TimeoutError(f"study {study.name} is {study.state} after {timeout:g} s")
    return study.info


def _with_outlook(snapshot: Snapshot, outlooks: Outlooks) -> Snapshot:
    return snapshot if snapshot.study.is_finished else replace(snapshot, outlook=outlooks.at(time.monotonic()))


def _shown(*, progress: bool, console: "Console | None") -> AbstractContextManager[Show]:
    if not progress:
        return _nothing()
    from rich.console import Console  # noqa: PLC0415  (not for those who show nothing)

    console = console or Console()
    return _display(console) if console.is_terminal or console.is_jupyter else _plain(console)


@contextmanager
def _nothing() -> Iterator[Show]:
    yield lambda _: None


@contextmanager
def _plain(console: "Console") -> Iterator[Show]:
    feed = PlainFeed()

    def show(snapshot: Snapshot) -> None:
        for line in feed.lines(snapshot, time.monotonic()):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        console.file.flush()

    yield show


@contextmanager
def _display(console: "Console") -> Iterator[Show]:
    from caviar.client.live import LiveFeed  # noqa: PLC0415  (only terminals need rich)

    began = time.monotonic()
    with LiveFeed(console) as live:
        yield lambda snapshot: live.show(snapshot, time.monotonic() - began)
