"""Processes that slots of this very test run have started."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from caviar_workers.runner.environment import COOKIE

MARK = "TEST_RUN_OF_WORKERS"
os.environ[MARK] = f"{os.getpid()}-{time.time_ns()}"
"""Inherited by whatever this run starts; others may be testing on the same machine."""


def descendants() -> list[int]:
    """Living processes of any child of a slot, wherever they hide."""
    return [pid for pid in _marked() if _lives(pid)]


def wait_until(holds: Callable[[], object], patience: float = 30.0) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "not in time"


def _marked() -> list[int]:
    mark = f"{MARK}={os.environ[MARK]}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in environ and any(each.startswith(f"{COOKIE}=".encode()) for each in environ):
            found.append(int(folder.name))
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False
