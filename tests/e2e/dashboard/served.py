"""A service as a process, and what fills it: a program that asks and tells, and an agent with one node."""

from __future__ import annotations

import http.client
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.processes import wait_for_line

AGENT = "0190c0de-0000-7000-8000-0000000000d1"
SPACE: dict[str, Any] = {
    "learning_rate": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
    "momentum": {"type": "float", "low": 0.9, "high": 0.999, "scale": "one_minus_log"},
    "units": {"type": "int", "low": 16, "high": 256, "scale": "log"},
    "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
}


class Served:
    """Calls with the admin's token; `call` expects success."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.tokens = {name: (folder / f"{name}-token").read_text().strip() for name in ("admin", "agent")}
        self._at = urlsplit(url)

    def call(self, method: str, path: str, body: Any = None, *, role: str = "admin") -> Any:
        connection = http.client.HTTPConnection(self._at.hostname or "", self._at.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"}
        connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text.decode()}"
        return json.loads(text) if text else None

    def submit(self, name: str, **changes: Any) -> Any:
        document = {
            "name": name,
            "metric": {"name": "val_error", "goal": "minimize"},
            "train": {"external": True},
            "space": SPACE,
            "search": {"strategy": "random", "seed": 7},
            "budget": {"trials": 20, "parallel": 8},
        }
        return self.call("POST", "/studies", {**document, **changes})

    def work(self, name: str, trials: int, steps: int = 1) -> None:
        """Trains so many; the loss is a bowl around good values, and trial 3 fails."""
        done = 0
        while done < trials:
            asked = {"count": min(8, trials - done), "client": "the program"}
            for trial in self.call("POST", f"/studies/{name}/ask?wait=30s", asked)["items"]:
                self.train(trial, steps)
                done += 1

    def train(self, trial: Any, steps: int) -> None:
        if trial["number"] == 3:
            failed = {"failed": {"code": "exception", "message": "RuntimeError: the loss is not finite"}}
            self.call("POST", f"/trials/{trial['id']}/complete", failed)
            return
        loss = bowl(trial["params"])
        for step in range(1, steps + 1):
            metrics = {"val_error": loss + 0.5 / step, "train_loss": loss / step}
            said = self.call("POST", f"/trials/{trial['id']}/report", {"step": step, "metrics": metrics})
            if said["verdict"] != "continue":
                break
        self.call("POST", f"/trials/{trial['id']}/complete", {"metrics": {"val_error": loss}})

    def sync(self, number: int, **more: Any) -> Any:
        """One sync of an agent with one node of two CPUs."""
        node = {"id": "node-1", "host": "worker-1", "total": {"cpus": 2, "memory_mb": 4000}, "free": {"cpus": 1}}
        request = {"incarnation": "0001", "number": number, "received": number - 1, "nodes": [node], **more}
        return self.call("POST", f"/agents/{AGENT}/sync", request, role="agent")

    def run_on_a_cluster(self, name: str, log: str, host: str = "worker-1") -> None:
        """One trial of an agent's has begun, has printed `log`, and is at work."""
        self.submit(name, train={"command": ["true"]})
        now = time.time()
        held = self.sync(1)["assignments"]
        attempt = held[0]["attempt"]
        events = [
            {"kind": "started", "attempt": attempt, "seq": 1, "at": now, "node": host, "pid": 4},
            {"kind": "log", "attempt": attempt, "seq": 2, "at": now, "text": log},
            {"kind": "report", "attempt": attempt, "seq": 3, "at": now, "step": 1, "metrics": {"val_error": 0.5}},
        ]
        self.sync(2, held=[each["attempt"] for each in held], events=events)


def bowl(params: dict[str, Any]) -> float:
    noise = random.Random(json.dumps(params)).gauss(0, 0.002)
    rate = (math.log10(params["learning_rate"]) + 1.7) ** 2
    momentum = (math.log10(1 - params["momentum"]) + 1.6) ** 2
    return 0.08 + 0.05 * rate + 0.04 * momentum + 0.01 * abs(math.log2(params["units"]) - 6) + noise


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CAVIAR_")}
    command = [sys.executable, "-m", "caviar.api", "--port", "0", "--data-dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean) as process:
        try:
            line = wait_for_line(process, lambda each: "ready" in each)
            yield Served(line.rsplit(" ", 1)[1], folder)
        finally:
            process.terminate()
            process.wait(30)
