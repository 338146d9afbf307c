"""The child process that runs trials of Python functions, one after the other. Standard library only.

`python -P -m caviar_workers.runner.child '{"parent": PID, "work": FD, "orders": FD, "events": FD}'`

* `work`: a packet socket, one trial each. Taking a packet is beginning its trial: what is not taken, the slot may take
  back from the other end, so no trial is ever begun twice.
* `orders`: a packet socket, `["stop", attempt]`, which a SIGTERM follows, `["pause", attempt]`, and
  `["nudge", attempt, nudge, params]`.
* `events`: a pipe, JSON lines: `["begun", attempt, at]`, `["report", step, metrics, at]`,
  `["saved", step, uri, size, digest, at]`, `["nudged", nudge, step, at]` and
  `["ended", attempt, how, detail, seconds, log_end, at]`.

`ended` travels with the next `begun`, or at once when there is nothing more to do: one write per short trial.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import json
import os
import signal
import socket
import sys
import time
from typing import Any

from caviar_workers.checkpoints.shelf import Shelf
from caviar_workers.current import current
from caviar_workers.runner.guard import adopt_orphans, die_with_parent
from caviar_workers.runner.leftovers import leftover_processes
from caviar_workers.runner.line import ChildLine
from caviar_workers.runner.work import Outcome, Work, run
from caviar_workers.trial import Trial

LARGEST_PACKET = 1 << 20
COLLECT_GARBAGE_AFTER = 5.0


class Child:
    def __init__(self, work: socket.socket, line: ChildLine) -> None:
        self._work = work
        self._line = line
        self._works: dict[str, Work] = {}
        self._ended = b""
        """The last trial's end, not yet written."""

    def serve(self) -> None:
        while packet := self._next_packet():
            self._run(_trial_of(packet))

    def _next_packet(self) -> bytes:
        try:
            return self._work.recv(LARGEST_PACKET, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self._line.write(self._ended)
            self._ended = b""
            return self._work.recv(LARGEST_PACKET)

    def _run(self, document: dict[str, Any]) -> None:
        attempt = document["attempt"]
        self._line.write(self._ended + _line(["begun", attempt, time.time()]))
        self._ended = b""
        begun = time.perf_counter()
        outcome = self._outcome(document)
        seconds = time.perf_counter() - begun
        leftovers = leftover_processes()
        end = ["ended", attempt, outcome.how, outcome.detail, seconds, _log_end(), time.time()]
        self._ended = b"\n" + _line(end)  # whatever the trial has written to the pipe before
        if leftovers:  # a fresh child for the next trial; the slot removes what is left of this one
            self._line.write(self._ended)
            os._exit(0)
        if seconds > COLLECT_GARBAGE_AFTER:
            gc.collect()

    def _outcome(self, document: dict[str, Any]) -> Outcome:
        path = document["work"]
        work = self._works.get(path)
        if work is None:
            work = self._works[path] = Work.load(path)
        folder = work.scratch / document["attempt"]
        trial = Trial(
            self._line,
            params=document["params"],
            number=document["number"],
            id=document["trial"],
            options=work.options,
            folder=folder,
            shelf=Shelf.of(document, document["trial"], self._line, folder),
        )
        current.trial = trial
        try:
            return run(work, trial, self._line, document["attempt"])
        finally:
            current.trial = None
            trial.close()


def _trial_of(packet: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(packet)
    if "file" in document:
        with open(document["file"], encoding="utf-8") as file:  # noqa: PTH123
            document = json.load(file)
    return document


def _log_end() -> int:
    """Where the trial's output ends; -1 when it closed its stdout."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    try:
        return os.fstat(1).st_size
    except OSError:
        return -1


def _line(message: list[Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def main(setup: dict[str, Any]) -> None:
    die_with_parent(setup["parent"])
    adopt_orphans()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    for name in ("work", "orders", "events"):
        os.set_inheritable(setup[name], False)  # noqa: FBT003
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    faulthandler.enable()
    line = ChildLine(setup["events"], socket.socket(fileno=setup["orders"]))
    signal.signal(signal.SIGTERM, line.on_term)
    Child(socket.socket(fileno=setup["work"]), line).serve()
    os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
