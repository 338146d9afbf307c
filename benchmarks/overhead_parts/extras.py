"""What is printed beside the table, of Caviar alone: the first trial's delay, memory and cost at 10,000 trials."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.overhead_parts.stack import Stack, instant

LARGE = 10_000
SMALL = 100
SPAN = 1_000
STARTS = 5
MEBI = 2**20


@dataclass(frozen=True, slots=True)
class Growth:
    strategy: str
    early_ms: float
    """Milliseconds a trial took between the SMALL-th and the (SMALL + SPAN)-th that finished."""
    late_ms: float
    """The same of the last SPAN before the LARGE-th."""

    @property
    def ratio(self) -> float:
        return self.late_ms / self.early_ms


def first_trial_delay(stack: Stack, tag: str) -> float:
    """Median seconds from before the POST until the first trial of the study runs, slots being warm and free."""
    return statistics.median(_delay(stack, f"{tag}-{index}") for index in range(STARTS))


def _delay(stack: Stack, name: str) -> float:
    began = time.time()
    stack.submit(name, "sleep", 2)
    stack.wait(name)
    return min(instant(trial["started_at"]) for trial in stack.trials(name)) - began


def growth(stack: Stack, tag: str, strategy: str) -> Growth:
    name = f"{tag}-{strategy.replace('_', '-')}"
    stack.run(name, "nothing", LARGE, strategy)
    ends = sorted(instant(trial["finished_at"]) for trial in stack.trials(name))
    early = (ends[SMALL + SPAN - 1] - ends[SMALL - 1]) / SPAN
    late = (ends[LARGE - 1] - ends[LARGE - SPAN - 1]) / SPAN
    return Growth(strategy, early * 1000, late * 1000)


def service_memory(supervisor: int) -> tuple[float, float]:
    """MiB resident of the service below this process, now and at most."""
    for process in _below(supervisor):
        command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if b"caviar.api" in command:
            status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
            kibi = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Vm")}
            return int(kibi["VmRSS"]) * 1024 / MEBI, int(kibi["VmHWM"]) * 1024 / MEBI
    raise LookupError("no service runs below the supervisor")


def _below(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield int(child)
            yield from _below(int(child))
