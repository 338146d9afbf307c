"""Ties a process to its parent's life. Standard library only.

Also run by path, as a shim before another program: `guard.py PARENT STATUS_FD PROGRAM ARGUMENTS...`
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CANNOT_START = 127


def die_with_parent(parent: int, signum: int = signal.SIGKILL) -> None:
    """From now on the end of process `parent` ends this one. On Linux it survives exec.

    The signal also comes when the *thread* that started this process ends: start it from one that lasts.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    else:
        threading.Thread(target=_watch_parent, args=(parent, signum), daemon=True).start()
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def adopt_orphans() -> None:
    """Daemons that a trial leaves behind become children of this process, where they are seen."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _watch_parent(parent: int, signum: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signum)


def _run_shim(arguments: list[str]) -> None:
    parent, status, *command = arguments
    die_with_parent(int(parent))
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except (OSError, ValueError) as error:
        reason = f"cannot start {command[0]!r}: {getattr(error, 'strerror', None) or error}"
        os.write(int(status), json.dumps(["unstartable", reason]).encode() + b"\n")
        os._exit(CANNOT_START)


if __name__ == "__main__":
    _run_shim(sys.argv[1:])
