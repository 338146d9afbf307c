"""How much memory a trial takes, and whether the kernel killed for want of it. Linux; elsewhere it says 0."""

from __future__ import annotations

import os
import re
from pathlib import Path

_KIB_PER_MIB = 1024.0
_OOM_KILL = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


def used_mb(leader: int) -> float:
    """Memory of a session's processes in MiB; its leader counts with its peak."""
    others = [pid for pid in _session(leader) if pid != leader]
    now = sum(_field(pid, "smaps_rollup", b"Pss:") for pid in [*others, *([leader] if others else [])])
    return max(now, _field(leader, "status", b"VmHWM:")) / _KIB_PER_MIB


def peak_mb(pid: int) -> float:
    """The most that one process has had, in MiB; 0 when it has gone."""
    return _field(pid, "status", b"VmHWM:") / _KIB_PER_MIB


def oom_kills() -> int:
    """How often the kernel has killed for memory, in this cgroup or on this machine; it only rises."""
    texts = [_text(path) for path in _counters()]
    return sum(int(found.group(1)) for text in texts if (found := _OOM_KILL.search(text)))


def _counters() -> list[Path]:
    paths = [Path("/proc/vmstat")]
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            paths.append(Path("/sys/fs/cgroup/memory" + path) / "memory.oom_control")
        elif not controllers:
            paths.append(Path("/sys/fs/cgroup" + path) / "memory.events")
    return paths


def _session(leader: int) -> list[int]:
    """Processes whose session `leader` leads."""
    pids = [int(name) for name in _listed("/proc") if name.isdigit()]
    return [pid for pid in pids if state_and_session(pid)[1] == leader]


def state_and_session(pid: int) -> tuple[str, int]:
    """A process's state as the kernel's letter (X when it has gone), and its session."""
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(") ")[2].split()
    return (fields[0], int(fields[3])) if len(fields) > 3 else ("X", 0)


def _field(pid: int, name: str, label: bytes) -> float:
    """A field of a file in /proc/PID, in KiB."""
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123
            return next((float(line.split()[1]) for line in file if line.startswith(label)), 0.0)
    except OSError:
        return 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
