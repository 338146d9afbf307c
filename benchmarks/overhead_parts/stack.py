"""Caviar as a user runs it: `caviar up` in a data folder of its own, spoken to over REST."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.overhead_parts.programs import ROOT
from benchmarks.overhead_parts.works import WORKERS

from caviar.client.bundle import pack_folder
from caviar.client.discovery import read_server_file
from caviar.client.local import LocalServer

CODE = ROOT / "benchmarks" / "overhead_code"
SPACE = {
    "learning_rate": {"type": "float", "low": 1e-3, "high": 3e-2, "scale": "log"},
    "alpha": {"type": "float", "low": 1e-6, "high": 1e-2, "scale": "log"},
}
WAIT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Stack:
    http: httpx2.Client
    supervisor: int
    """The process id of `caviar up`."""
    folder: Path
    bundle: str

    def submit(self, name: str, kind: str, trials: int, strategy: str = "random") -> None:
        document = {
            "name": name,
            "metric": {"name": "loss", "goal": "minimize"},
            "train": {"function": f"train:{kind}"},
            "code": {"bundle": self.bundle},
            "space": SPACE,
            "search": {"strategy": strategy, "seed": 1},
            "budget": {"trials": trials, "parallel": WORKERS},
        }
        self._checked(self.http.post("/api/v1/studies", json=document))

    def wait(self, name: str) -> dict[str, Any]:
        """The study when it has finished."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            answer = self.http.get(f"/api/v1/studies/{name}", params={"wait": "30s", "until": "finished"})
            study: dict[str, Any] = self._checked(answer)
            if study["state"] in ("completed", "failed", "cancelled"):
                return study
        raise TimeoutError(f"study {name} has not finished after {WAIT_SECONDS:.0f} s")

    def run(self, name: str, kind: str, trials: int, strategy: str = "random") -> float:
        """Seconds from the submission until the study is seen to be completed, all of its trials stored."""
        began = time.perf_counter()
        self.submit(name, kind, trials, strategy)
        study = self.wait(name)
        seconds = time.perf_counter() - began
        if study["counts"]["completed"] != trials:
            raise RuntimeError(f"study {name} is {study['state']}: {study['reason']}, {study['counts']}")
        return seconds

    def trials(self, name: str) -> Iterator[dict[str, Any]]:
        query: dict[str, Any] = {"page_size": 500}
        while True:
            page = self._checked(self.http.get(f"/api/v1/studies/{name}/trials", params=query))
            yield from page["items"]
            if not page.get("next_page_token"):
                return
            query["page_token"] = page["next_page_token"]

    @staticmethod
    def _checked(answer: httpx2.Response) -> Any:
        if answer.is_error:
            raise RuntimeError(
                f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
            )
        return answer.json()


@contextmanager
def standing(folder: Path, database: str | None) -> Iterator[Stack]:
    """Caviar with two slots at work: one small study has gone through it."""
    server = LocalServer.start(folder, ["--database-url", database] if database else [])
    try:
        record = read_server_file(folder) or {}
        headers = {"Authorization": f"Bearer {(folder / 'admin-token').read_text().strip()}"}
        with httpx2.Client(base_url=record["url"], headers=headers, timeout=60.0) as http:
            body = pack_folder(CODE).content
            answer = http.post("/api/v1/bundles", content=body, headers={"Content-Type": "application/zip"})
            stack = Stack(http, int(record["pid"]), folder, answer.raise_for_status().json()["digest"])
            stack.run("warm", "network", 4)
            yield stack
    finally:
        server.stop()


def instant(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time."""
    return datetime.fromisoformat(text).timestamp()
