"""The slot's side of one command: a process per attempt, never through a shell."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from caviar_workers.attempts import Attempt
from caviar_workers.current import FOLDER, PARAMS_FILE, TRIAL_FD, TRIAL_INFO
from caviar_workers.runner import guard
from caviar_workers.runner.command import PrintedLines, filled
from caviar_workers.runner.environment import parameter_variables
from caviar_workers.runner.logs import Allowance, LogBuffer, Piece
from caviar_workers.runner.messages import Begun, Lines, Message, Nudged, Reported, Saved, Unstartable
from caviar_workers.runner.process import Process

READ_AT_ONCE = 1 << 16
LAST_LINE = 300
FROM_COMMANDS = (Reported, Saved, Unstartable)
"""What a command may say through its descriptor."""


class CommandRun:
    def __init__(self, *, env: Mapping[str, str], folder: Path, scratch: Path, bundle: Path | None) -> None:
        self._env, self._folder, self._scratch, self._bundle = env, folder, scratch, bundle
        self.process: Process | None = None
        self._lines = Lines()
        self._log = LogBuffer()
        self._stderr_tail = b""
        self._open: dict[int, str] = {}
        self._said: list[Message] = []
        self._printed: PrintedLines | None = None
        self._step = 0.0
        """The last that was reported."""

    @property
    def log_is_large(self) -> bool:
        return False

    def hand(self, attempt: Attempt) -> bool:
        if self._printed is not None:
            return False
        self._printed = PrintedLines(attempt.work.train.metric)
        self._said.append(Begun(attempt.id, time.time()))
        try:
            self._start(attempt)
        except (OSError, ValueError) as error:
            self._said.append(Unstartable(f"cannot start the command: {error}"))
        return True

    def take_back(self) -> list[str]:
        return []

    def descriptors(self) -> Sequence[int]:
        return tuple(self._open)

    def read(self, descriptor: int) -> list[Message] | None:
        data = os.read(descriptor, READ_AT_ONCE)
        if data:
            return self._take(self._open[descriptor], data)
        os.close(descriptor)
        if self._open.pop(descriptor) == "stdout" and self._printed:
            self._said += self._sorted(self._printed.finish(time.time()))
        return None

    def spoken(self) -> list[Message]:
        said, self._said = self._said, []
        return said

    def order_stop(self, attempt: str) -> None:  # noqa: ARG002
        if self.process:
            self.process.terminate()

    def order_pause(self, attempt: str) -> None:
        self.order_stop(attempt)

    def order_nudge(self, attempt: str, nudge: str, params: Mapping[str, Any]) -> None:
        """Writes the file of parameters anew, in one piece. When the program looks at it is the program's affair."""
        file = self._params_file(attempt)
        aside = file.with_suffix(".new")
        aside.write_text(json.dumps(dict(params)), encoding="utf-8")
        aside.replace(file)
        self._said.append(Nudged(nudge, self._step, time.time()))

    def log_size(self) -> int:
        return 0

    def pieces(self, upto: int, allowance: Allowance, now: float, *, last: bool) -> Iterator[Piece]:  # noqa: ARG002
        return self._log.pieces(allowance, now, last=last)

    def last_output(self) -> str:
        lines = self._stderr_tail.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[-LAST_LINE:] if lines else ""

    def tidy(self, *, between: bool) -> None:
        pass

    def close(self) -> None:
        if self.process:
            self.process.kill()
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()

    def _start(self, attempt: Attempt) -> None:
        train = attempt.work.train
        argv = filled(train.command or (), attempt.params)
        ends = {name: os.pipe() for name in ("stdout", "stderr", "events")}
        events = ends["events"][1]
        shim = [sys.executable, "-I", "-S", guard.__file__, str(os.getpid()), str(events), *argv]
        try:
            env = self._environment(attempt, events)
            out, err = ends["stdout"][1], ends["stderr"][1]
            cwd = self._bundle or self._scratch
            self.process = Process(shim, env=env, cwd=cwd, stdout=out, stderr=err, pass_fds=(events,))
        finally:
            for name, (ours, theirs) in ends.items():
                os.set_blocking(ours, False)
                os.close(theirs)
                self._open[ours] = name

    def _environment(self, attempt: Attempt, events: int) -> dict[str, str]:
        params_file = self._params_file(attempt.id)
        params_file.write_text(json.dumps(dict(attempt.params)), encoding="utf-8")
        scratch = self._scratch / attempt.id
        scratch.mkdir(parents=True, exist_ok=True)
        info = {"id": attempt.trial, "number": attempt.number, "options": attempt.work.train.options}
        info |= {"store": attempt.store, "checkpoints": attempt.checkpoints}
        own = {TRIAL_FD: str(events), TRIAL_INFO: json.dumps(info), PARAMS_FILE: str(params_file), FOLDER: str(scratch)}
        return {**self._env, **parameter_variables(attempt.params), **own}

    def _params_file(self, attempt: str) -> Path:
        return self._folder / f"params-{attempt}.json"

    def _take(self, stream: str, data: bytes) -> list[Message]:
        said = self._parsed(stream, data)
        self._step = max((message.step for message in said if isinstance(message, Reported)), default=self._step)
        return said

    def _parsed(self, stream: str, data: bytes) -> list[Message]:
        if stream == "events":
            return [message for message in self._lines.feed(data) if isinstance(message, FROM_COMMANDS)]
        if stream == "stderr":
            self._log.append(data)
            self._stderr_tail = (self._stderr_tail + data)[-4 * LAST_LINE :]
            return []
        return self._sorted(self._printed.feed(data, time.time())) if self._printed else []

    def _sorted(self, found: Iterator[Reported | bytes]) -> list[Message]:
        reports: list[Message] = []
        for part in found:
            if isinstance(part, Reported):
                reports.append(part)
            else:
                self._log.append(part)
        return reports
