"""A process with a keeper: whatever ends it, it is started again, until it is told to stay away."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

AGAIN_SECONDS = 0.3
Command = Callable[[], Sequence[str]]


class NotYet(Exception):  # noqa: N818  a state, not a mistake
    """What the command needs is not there."""


@dataclass
class Part:
    """The keeper's thread is the parent of each process, which ends with it, however this program ends."""

    name: str
    command: Command
    log: Path
    environment: Mapping[str, str]
    ends_by: signal.Signals = signal.SIGTERM
    user: int | None = None
    """Whom it runs as; None: as this program."""
    pid: int | None = None
    starts: int = 0
    codes: list[int] = field(default_factory=list)
    """How each of its processes ended."""
    _away: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._away.clear()
        self._thread = threading.Thread(target=self._keep, name=f"keeper of {self.name}", daemon=True)
        self._thread.start()

    def stop(self, sent: signal.Signals | None = None, patience: float = 30.0) -> int | None:
        """It does not come back. How its last process ended; None when there was none. SIGKILL after `patience`."""
        self._away.set()
        if self.pid is not None:
            self.send(sent or self.ends_by)
        if self._thread is not None:
            self._thread.join(patience)
            if self._thread.is_alive():
                self.send(signal.SIGKILL)
                self._thread.join()
        return self.codes[-1] if self.codes else None

    def send(self, sent: signal.Signals) -> None:
        """Safe from hitting another: its own thread alone reaps the process."""
        if (pid := self.pid) is not None:
            os.kill(pid, sent)

    def _keep(self) -> None:
        while not self._away.is_set():
            try:
                command = self.command()
            except NotYet:
                self._away.wait(AGAIN_SECONDS)
                continue
            with self.log.open("ab") as output:
                process = subprocess.Popen(
                    self._tied(command),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=dict(self.environment),
                    start_new_session=True,
                    cwd="/",
                )
            self.pid, self.starts = process.pid, self.starts + 1
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.pid = None
            self.codes.append(process.wait())
            self._away.wait(AGAIN_SECONDS)

    def _tied(self, command: Sequence[str]) -> list[str]:
        """To its keeper, by the kernel."""
        who = [] if self.user is None else [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        return ["setpriv", *who, "--pdeathsig", self.ends_by.name.removeprefix("SIG"), *command]
