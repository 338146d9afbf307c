"""What each read endpoint takes on a large study: the time a request waits, and the processor time it costs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np

FIGURES = ("history", "rounds", "slice", "contour", "parallel", "importance", "curves", "rungs", "timeline")
KINDS = {
    "study": "/studies/{study}",
    "studies": "/studies",
    "studies, sought": "/studies?search=lar&order_by=-ended",
    "ranking": "/studies/{study}/ranking",
    "rounds": "/studies/{study}/rounds",
    "trials": "/studies/{study}/trials",
    "trials, filtered": "/studies/{study}/trials?filter=params.p0 > 1e-3 and state = 'completed'&order_by=params.p1",
    "trials, by value": "/studies/{study}/trials?order_by=-value&state=stopped",
    "trial": "/studies/{study}/trials/50000",
    "compare": "/studies/{study}/compare?trials=1,50000,77777,99000",
    "importance": "/studies/{study}/importance",
    "importance, fANOVA": "/studies/{study}/importance?method=fanova",
    "stopping": "/studies/{study}/stopping",
    "forecast": "/studies/{study}/forecast",
    "health": "/studies/{study}/health",
    "leaderboard": "/studies/{study}/leaderboard",
    **{f"picture: {kind}": f"/studies/{{study}}/figures/{kind}" for kind in FIGURES},
}


@dataclass(frozen=True)
class Server:
    url: str
    token: str
    pid: int

    def client(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=120)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, which: str) -> float:
        """MB that the service holds (VmRSS) or held at its most (VmHWM)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith(which)).split()[1]) / 1024


@contextmanager
def serving(folder: Path, url: str, lag: float) -> Iterator[Server]:
    """A service in a process of its own, that ends with the block; `lag`: how late a kept answer may be, seconds."""
    command = [sys.executable, "-m", "caviar.api", "--port", "0", "--data-dir", str(folder), "--database-url", url]
    secret = "cav_benchmark-of-the-dashboard"
    environment = {**os.environ, "CAVIAR_ADMIN_TOKEN": secret, "CAVIAR_LONGEST_LAG_SECONDS": str(lag)}
    told = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert told.stdout is not None
        yield Server(_address(told.stdout.readline()), secret, told.pid)
    finally:
        told.terminate()
        told.wait(30)


def _address(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http"))


def measure(server: Server, study: str, repeats: int) -> list[tuple[str, float, float, float, int]]:
    """(endpoint, ms of the first request, p95 ms, processor ms of the service per request, bytes), each made anew: the
    study changes before every request, as when it runs."""
    rows = []
    with server.client() as client:
        for name, path in KINDS.items():
            first = _timed(client, path.format(study=study))[0]
            times, spent = [], 0.0
            for index in range(repeats):
                client.post(f"/studies/{study}/extend", json={"max_failures": 10_000 + index}).raise_for_status()
                before = server.cpu_seconds()
                taken, size = _timed(client, path.format(study=study))
                spent += server.cpu_seconds() - before
                times.append(taken)
            rows.append((name, first, float(np.quantile(times, 0.95)), 1000 * spent / repeats, size))
    return rows


def exported(server: Server, study: str) -> Iterator[tuple[str, float, int, float, float]]:
    """(format, seconds, bytes, the service's memory before it and at its most since, MB) of exports of all trials."""
    with server.client() as client:
        for form in ("csv", "jsonl", "parquet"):
            before, began, size = server.memory("VmRSS"), time.perf_counter(), 0
            with client.stream("GET", f"/studies/{study}/trials/export?format={form}") as answer:
                size = sum(len(chunk) for chunk in answer.iter_bytes())
            yield form, time.perf_counter() - began, size, before, server.memory("VmHWM")


def _timed(client: httpx2.Client, path: str) -> tuple[float, int]:
    began = time.perf_counter()
    answer = client.get(path)
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - began), len(answer.content)
