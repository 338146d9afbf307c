"""Waiting for processes without polling: for a line they write, and for their end."""

import os
import select
import subprocess
from collections.abc import Callable
from pathlib import Path


def wait_for_line(process: subprocess.Popen[str], wanted: Callable[[str], bool]) -> str:
    """The first line of its stdout that is wanted; fails when it ends before."""
    assert process.stdout is not None
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line)
        if wanted(line):
            return line.strip()
    raise AssertionError(f"ended with {process.wait()} after saying: {''.join(seen)}")


def ended_within(pid: int, seconds: float) -> bool:
    """Whether the process, which need not be a child, ends in that time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def processes_naming(text: str) -> list[int]:
    """The pids of processes that have the text in their command line or environment, but for this one."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and text.encode() in _said(pid)]


def _said(pid: int) -> bytes:
    try:
        return b" ".join(
            Path(f"/proc/{pid}/{name}").read_bytes().replace(b"\0", b" ") for name in ("cmdline", "environ")
        )
    except OSError:
        return b""
