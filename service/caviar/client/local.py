"""A server of one's own: `caviar up` as a child process on a free port, gone when its owner closes it or dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from caviar.client import tether
from caviar.client.discovery import read_server_file
from caviar.client.errors import NoConnection

START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 40.0
LOG_LINES: Final = 8


def tethered(command: Sequence[str], sent: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command, made to end with this process."""
    return [sys.executable, "-I", "-S", str(Path(tether.__file__)), str(os.getpid()), str(int(sent)), *command]


class LocalServer:
    """Ready when made by `start`; `stop` leaves no process behind."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
        self._process = process
        self._log = log
        self.folder = folder

    @classmethod
    def start(cls, folder: Path, options: Sequence[str] = ()) -> Self:
        """Raises NoConnection with the end of its log when it does not come up."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = folder / "logs" / "up.log"
        log.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "caviar.cli.main", "up", "--port", "0", "--data-dir", str(folder), *options]
        with log.open("wb") as output:
            process = subprocess.Popen(
                tethered(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        server = cls(process, folder, log)
        try:
            server._await_ready(time.monotonic, time.sleep)
        except BaseException:
            server.stop()
            raise
        return server

    def check(self) -> None:
        """Raises NoConnection, with the reason from its log, when the server has ended by itself."""
        if self._process.poll() is not None:
            raise self._failure("ended")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _await_ready(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        deadline = clock() + START_SECONDS
        while not self._is_ready():
            self.check()
            if clock() > deadline:
                raise self._failure(f"was not ready after {START_SECONDS:.0f} s")
            sleep(0.05)

    def _is_ready(self) -> bool:
        record = read_server_file(self.folder)
        return record is not None and record.get("pid") == self._process.pid

    def _failure(self, what: str) -> NoConnection:
        said = _last_words(self._log.read_text(encoding="utf-8", errors="replace")) or "it said nothing"
        return NoConnection(f"the local server {what}:\n{said}", hint=f"its logs are in {self._log.parent}")


def _last_words(log: str) -> str:
    """From the last error on, if there is one."""
    lines = log.strip().splitlines()
    errors = [index for index, line in enumerate(lines) if line.startswith("error: ")]
    return "\n".join(lines[errors[-1] :] if errors else lines[-LOG_LINES:])
