"""What training runs on: Python, the packages installed, the machine. Part of what a result rests on."""

from __future__ import annotations

import hashlib
import os
import platform
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

MOST_PACKAGES = 1_000


def surroundings() -> dict[str, Any]:
    """Takes some tenths of a second: it reads the metadata of every package."""
    packages = sorted({(name.lower(), each.version) for each in distributions() if (name := each.name)})
    written = "\n".join(f"{name}=={version}" for name, version in packages)
    return {
        "python": platform.python_version(),
        "packages": dict(packages[:MOST_PACKAGES]),
        "packages_digest": f"sha256:{hashlib.sha256(written.encode()).hexdigest()}",
        "hardware": {"machine": platform.machine(), "system": platform.system(), "cpu": _cpu(), "gpus": _gpus()},
    }


def in_background() -> Callable[[], Mapping[str, Any] | None]:
    """Starts to look; what is returned answers None until it is known, and never waits."""
    found: list[Mapping[str, Any]] = []
    threading.Thread(target=lambda: found.append(surroundings()), name="caviar-surroundings", daemon=True).start()
    return lambda: found[0] if found else None


def _cpu() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or f"{os.cpu_count()} CPUs"


def _gpus() -> list[str]:
    folder = Path("/proc/driver/nvidia/gpus")
    named = [line for each in sorted(folder.glob("*/information")) for line in _lines(each)]
    return [line.partition(":")[2].strip() for line in named if line.startswith("Model")]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
