"""A process to be supervised: how it is started and when it is ready, and the hold on the one that runs."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from caviar.client.local import tethered

KEPT_LOG_BYTES: Final = 10 * 2**20
"""A log larger than this is put aside (as `.1`) when its process starts."""


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Program:
    """`command` and `environment` are asked at each start. `ready` is told how many seconds the process has lived.

    It starts when all it `needs` are up, and is stopped when one of those it is `bound_to` goes down.
    """

    name: str
    command: Callable[[], Sequence[str]]
    log: Path
    ready: Callable[[float], bool]
    environment: Callable[[], Mapping[str, str]] = _nothing
    needs: tuple[str, ...] = ()
    bound_to: tuple[str, ...] = ()
    grace: float = 15.0
    """Seconds between being told to end and being killed."""
    patience: float = 120.0
    """Seconds in which it must become ready; one that hangs is killed, which counts as a crash."""


@dataclass(slots=True)
class Running:
    """A started process; it leads its own process group and ends with the supervisor, however that ends."""

    process: subprocess.Popen[bytes]
    asked_at: float | None = field(default=None)
    """When it was told to end."""

    @classmethod
    def start(cls, program: Program) -> "Running":
        _put_aside(program.log)
        with program.log.open("ab") as output:
            process = subprocess.Popen(
                tethered(program.command()),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment()},
                start_new_session=True,
            )
        return cls(process)

    def exit(self) -> str | None:
        """How it ended, in words; None while it lives."""
        code = self.process.poll()
        if code is None:
            return None
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def ask_to_end(self, now: float, grace: float) -> None:
        """SIGTERM the first time, SIGKILL to the whole group when `grace` has passed since."""
        if self.asked_at is None:
            self.asked_at = now
            self.process.terminate()
        elif now - self.asked_at >= grace:
            self.kill_group()

    def kill_group(self) -> None:
        """Also what the process left behind, when it has ended itself."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _put_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > KEPT_LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))


def tail(log: Path, lines: int = 8) -> str:
    """The end of a log, indented."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-lines:])
