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

from caviar_workers.trial import Report, Trial, TrialStopped

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
    line = DescriptorLine(int(descriptor))
    line.listen_for_stop()
    return Trial(
        line, params=params, number=info["number"], id=info["id"], options=info.get("options") or {}, folder=folder
    )


class DescriptorLine:
    """A command's way to its slot: JSON lines on an inherited descriptor; SIGTERM means stop."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._stopped = False

    def report(self, report: Report) -> None:
        step, metrics, at = report
        line = json.dumps(["report", step, metrics, at]).encode() + b"\n"
        with self._lock:
            write_all(self._descriptor, line)

    def check(self) -> None:
        if self._stopped:
            raise TrialStopped

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
