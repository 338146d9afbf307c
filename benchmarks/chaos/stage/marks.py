"""Processes of one stage, found by a variable that all of them inherit, training code included."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

MARK = "CHAOS_STAGE"
"""Not CAVIAR_ or RAY_: those are kept from training code."""


def marked(mark: str) -> list[int]:
    """Living processes of the stage, this one apart; what has ended and is not reaped does not count."""
    wanted = f"{MARK}={mark}".encode()
    return sorted(pid for pid in _pids() if pid != os.getpid() and wanted in environment_of(pid) and is_alive(pid))


def environment_of(pid: int) -> list[bytes]:
    return _read(pid, "environ").split(b"\0")


def command_of(pid: int) -> bytes:
    return _read(pid, "cmdline")


def is_alive(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def is_stopped(pid: int) -> bool:
    return _stat(pid)[:1] == ["T"]


def parent_of(pid: int) -> int:
    """0 when it is gone."""
    return int((_stat(pid) or ["", "0"])[1])


def children_of(parent: int) -> list[int]:
    return [pid for pid in _pids() if parent_of(pid) == parent]


def end(pids: Iterable[int], sent: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """From the state on."""
    return _read(pid, "stat").decode(errors="replace").rpartition(") ")[2].split()


def _read(pid: int, name: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_bytes()
    return b""
