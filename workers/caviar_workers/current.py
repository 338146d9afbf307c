"""`current_trial()`: the trial that this process works on, in a function's child or in a command.

Standard library only.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from caviar_workers.checkpoints.manifest import Kept
from caviar_workers.checkpoints.shelf import Shelf
from caviar_workers.trial import Nudge, Report, Trial, TrialStopped

TRIAL_FD = "CAVIAR_TRIAL_FD"
TRIAL_INFO = "CAVIAR_TRIAL"
PARAMS_FILE = "CAVIAR_PARAMS"
FOLDER = "CAVIAR_FOLDER"


class Current:
    """Holds the trial at work in this process."""

    def __init__(self) -> None:
        self.trial: Trial | None = None


current = Current()


def current_trial() -> Trial:
    """The trial at work. Raises LookupError where there is none."""
    if current.trial is None:
        current.trial = _from_environment()
    return current.trial


def _from_environment() -> Trial:
    descriptor = os.environ.get(TRIAL_FD)
    if descriptor is None:
        raise LookupError("no trial is at work here: this process was not started by Caviar")
    info = json.loads(os.environ[TRIAL_INFO])
    params = json.loads(Path(os.environ[PARAMS_FILE]).read_text(encoding="utf-8"))
    folder = Path(os.environ[FOLDER])
    line = DescriptorLine(int(descriptor), Path(os.environ[PARAMS_FILE]))
    line.listen_for_stop()
    options, shelf = info.get("options") or {}, Shelf.of(info, info["id"], line, folder)
    return Trial(line, params=params, number=info["number"], id=info["id"], options=options, folder=folder, shelf=shelf)


class DescriptorLine:
    """A command's way to its slot: JSON lines on an inherited descriptor; SIGTERM means stop, and the file of
    parameters is written anew for a nudge, of which the slot tells."""

    def __init__(self, descriptor: int, params: Path) -> None:
        self._descriptor = descriptor
        self._params = params
        self._params_of = params.stat().st_mtime_ns
        self._lock = threading.Lock()
        self._stopped = False

    def report(self, report: Report) -> None:
        self._say(["report", *report])

    def saved(self, step: float, kept: Kept, at: float) -> None:
        self._say(["saved", step, kept.uri, kept.size, kept.digest, at])

    def check(self) -> None:
        if self._stopped:
            raise TrialStopped

    def pausing(self) -> bool:
        """Never: a command that is to pause gets SIGTERM."""
        return False

    def take_nudges(self) -> list[Nudge]:
        changed = self._params.stat().st_mtime_ns
        if changed == self._params_of:
            return []
        self._params_of = changed
        return [("", json.loads(self._params.read_text(encoding="utf-8")))]

    def nudged(self, nudge: str, step: float) -> None:
        pass

    def _say(self, message: list[Any]) -> None:
        with self._lock:
            write_all(self._descriptor, json.dumps(message).encode() + b"\n")

    def listen_for_stop(self) -> None:
        """Turns SIGTERM into TrialStopped at the next report, unless the program minds the signal itself."""
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._on_term())

    def _on_term(self) -> Callable[[int, FrameType | None], None]:
        def stop(_signum: int, _frame: FrameType | None) -> None:
            self._stopped = True

        return stop


def write_all(descriptor: int, data: bytes) -> None:
    """Writes all of it; what a pipe takes at once (4 KiB) arrives unbroken by other writers."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
