"""One repeat of each measure. All are in seconds, by the clock of this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx2
from benchmarks.chaos.stage.stage import until

PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Bench:
    """A service to speak to, and the digest of the trials' code."""

    http: httpx2.Client
    bundle: str

    def submit(self, name: str, function: str, low: float, high: float, **more: float) -> str:
        """A study of one trial; its trial's id, once it has reported."""
        space: dict[str, Any] = {"rate": {"type": "float", "low": low, "high": high}}
        space |= {key: {"type": "constant", "value": value} for key, value in more.items()}
        document = {
            "name": name,
            "metric": {"name": "loss"},
            "train": {"function": f"train:{function}"},
            "code": {"bundle": self.bundle},
            "space": space,
            "search": {"strategy": "random", "seed": 1},
            "budget": {"trials": 1, "grace_seconds": 5},
        }
        self.post("/studies", document)
        until(lambda: self.trial(name)["step"], f"{name} reports", PATIENCE)
        return str(self.trial(name)["id"])

    def trial(self, name: str) -> dict[str, Any]:
        items = self.get(f"/studies/{name}/trials")["items"]
        return dict(items[0]) if items else {"step": None}

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.http.post(f"/api/v1{path}", json=body or {}).raise_for_status().json()

    def get(self, path: str) -> Any:
        return self.http.get(f"/api/v1{path}").raise_for_status().json()

    def metrics(self, trial: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = self.get(f"/trials/{trial}/metrics")
        return found


def nudge(bench: Bench, trial: str, rate: float) -> float:
    """From the request to the beginning of the first step that is trained with the new value."""
    asked = time.time()
    bench.post(f"/trials/{trial}/nudge", {"params": {"rate": rate}})
    until(lambda: rate in bench.metrics(trial)["rate"], "the nudge is in force", PATIENCE)
    told = bench.metrics(trial)
    return float(told["began"][told["rate"].index(rate)]) - asked


def move(bench: Bench, name: str, index: int) -> tuple[float, float]:
    """A trial is paused and resumed on the other node: from the request to pause to its place being free, and from the
    request to resume to the beginning of its next step."""
    before, here = bench.trial(name), f"filler-{index}"
    other = f"other-{index}"
    bench.submit(other, "fills", 0.0, 1.0)
    asked = time.time()
    bench.post(f"/trials/{before['id']}/pause")
    until(lambda: bench.trial(name)["state"] == "paused", "it is paused", PATIENCE, pause=0.005)
    freed = time.time() - asked
    bench.submit(here, "fills", 0.0, 1.0)
    bench.post(f"/studies/{other}/stop")
    until(lambda: bench.get(f"/studies/{other}")["state"] == "cancelled", "the other node is free", PATIENCE)
    asked = time.time()
    bench.post(f"/trials/{before['id']}/resume")
    until(lambda: bench.metrics(before["id"])["began"][-1] > asked, "it goes on", PATIENCE)
    went_on = min(began for began in bench.metrics(before["id"])["began"] if began > asked) - asked
    assert bench.trial(name)["node"] != before["node"], "it went on where it was"
    bench.post(f"/studies/{here}/stop")
    until(lambda: bench.get(f"/studies/{here}")["state"] == "cancelled", "the first node is free", PATIENCE)
    return freed, went_on


def save(bench: Bench, every: float, times: int) -> list[float]:
    """How long training stands still for each checkpoint."""
    bench.submit("saves", "saves", 0.0, 1.0, every=every, times=times)
    until(lambda: bench.trial("saves")["state"] == "completed", "all are saved", PATIENCE + 2 * every * times)
    return [float(each) for each in bench.metrics(bench.trial("saves")["id"])["stood"]]
