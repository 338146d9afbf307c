"""One supervised process and all that it starts: its end, its memory, its removal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from caviar_workers.runner.environment import COOKIE
from caviar_workers.runner.memory import state_and_session, used_mb

KILL_ROUNDS = 400
KILL_PAUSE = 0.005
"""Seconds that killed processes take to go, as a rule."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: by exit code, or by signal."""

    code: int | None = None
    signal: int | None = None


class Process:
    """Leads a session and process group of its own. Start it from a thread that outlives it (see `die_with_parent`)."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: int | IO[bytes],
                 stderr: int | IO[bytes], pass_fds: Sequence[int]) -> None:  # fmt: skip
        self.cookie = env[COOKIE]
        self._popen = subprocess.Popen(
            argv, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            pass_fds=tuple(pass_fds), start_new_session=True,
        )  # fmt: skip
        self.pid = self._popen.pid
        self.exit_fd = _exit_fd(self.pid)
        """Readable once the process has ended; -1 where the system has no such thing."""
        self._exit: Exit | None = None

    def exited(self) -> Exit | None:
        """How it ended, or None while it runs. Its group is gone once this has answered."""
        if self._exit is None and self._has_ended():
            self.kill()
        return self._exit

    def terminate(self) -> None:
        if self._exit is None:
            _signal_group(self.pid, signal.SIGTERM)

    def kill(self) -> Exit:
        """Ends the process, its group, and all descendants wherever they are. Returns when it is reaped."""
        if self._exit is None:
            _signal_group(self.pid, signal.SIGKILL)  # before it is reaped: its id cannot be another's yet
            self._exit = _as_exit(self._popen.wait())
            if self.exit_fd >= 0:
                os.close(self.exit_fd)
            kill_family(self.cookie, self.pid)
        return self._exit

    def memory_mb(self) -> float:
        return used_mb(self.pid)

    def _has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # reaped by somebody else
            return True


def kill_family(cookie: str, session: int = 0, name: str = COOKIE) -> None:
    """Kills every process of a session, and every one that carries the cookie in its environment, until none is left.

    Both, for neither is enough: a daemon leaves its session, and who changes its title may overwrite its environment.
    """
    for _ in range(KILL_ROUNDS):
        found = family(cookie, session, name)
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(KILL_PAUSE)


def family(cookie: str, session: int = 0, name: str = COOKIE) -> list[int]:
    """Living processes of this session or with this cookie. Empty where there is no /proc."""
    mark = f"{name}={cookie}".encode()
    return [pid for pid in _process_ids() if _belongs(pid, session, mark)]


def _belongs(pid: int, session: int, mark: bytes) -> bool:
    state, of_session = state_and_session(pid)
    return state not in "ZX" and ((session > 0 and of_session == session) or mark in _environ(pid))


def _process_ids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  three times as fast
    except OSError:
        return []


def _environ(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
            return file.read().split(b"\0")
    except OSError:
        return []


def _signal_group(group: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)


def _exit_fd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1


def _as_exit(returncode: int) -> Exit:
    return Exit(code=returncode) if returncode >= 0 else Exit(signal=-returncode)
