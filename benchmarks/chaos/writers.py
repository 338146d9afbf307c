"""Agents without a cluster that report as fast as they are answered, and know what was acknowledged to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select

from caviar.storage.database import Database
from caviar.storage.tables import attempts, reports

Send = Callable[[str, dict[str, Any]], dict[str, Any] | None]
"""Agent and request; None when it did not get through, or nobody knows whether it did."""
NODE = {"id": "n", "host": "h", "total": {"cpus": 1}, "free": {"cpus": 1}}
STUDY = {
    "metric": {"name": "loss", "goal": "minimize"},
    "train": {"command": ["none"]},
    "space": {"x": {"type": "float", "low": 0.0, "high": 1.0}},
    "search": {"strategy": "random", "seed": 1},
}
AGAIN_SECONDS = 0.02


@dataclass
class Writer:
    """One trial's reports, `together` in one request. An event's step is its sequence number less one."""

    number: int
    send: Send
    together: int = 25
    life: int = 1
    attempt: str | None = None
    acknowledged: int = 0
    """The last sequence number that was."""
    requests: int = 0
    held: list[str] = field(default_factory=list)

    @property
    def agent(self) -> str:
        return str(UUID(int=(0xFA017 << 100) + self.number, version=4))

    def once(self) -> bool:
        """Whether it got through."""
        self.requests += 1
        events = self._events() if self.attempt else []
        answer = self.send(self.agent, self._body(events))
        if answer is None or answer.get("superseded"):
            return False
        for assignment in answer["assignments"]:
            self.held.append(assignment["attempt"])
        self.attempt = self.attempt or (self.held[0] if self.held else None)
        if events:
            self.acknowledged = events[-1]["seq"]
        return True

    def keep_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.once():
                time.sleep(AGAIN_SECONDS)

    def _events(self) -> list[dict[str, Any]]:
        first = self.acknowledged + 1
        return [self._event(seq) for seq in range(first, first + self.together)]

    def _event(self, seq: int) -> dict[str, Any]:
        kind = {"kind": "started"} if seq == 1 else {"kind": "report", "step": seq - 1, "metrics": {"loss": float(seq)}}
        return {"attempt": self.attempt, "seq": seq, "at": 0.0, **kind}

    def _body(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        place = {"incarnation": f"{self.life:09d}", "number": self.requests, "received": self.requests - 1}
        return {**place, "nodes": [NODE], "held": self.held, "events": events}


def over_http(url: str, token: str, note: Callable[[int], None]) -> Send:
    """`note` gets the status of each answer."""
    client = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30.0)

    def send(agent: str, body: dict[str, Any]) -> dict[str, Any] | None:
        try:
            answer = client.post(f"/api/v1/agents/{agent}/sync", json=body)
        except httpx2.HTTPError:
            return None
        note(answer.status_code)
        response: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return response

    return send


def lost_or_doubled(database: Database, acknowledged: Mapping[str, int]) -> list[str]:
    """By attempt: every report up to the acknowledged one is stored, none twice, and no step is missing before."""
    found = []
    joined = (
        select(reports.c.step)
        .join(attempts, (reports.c.trial_id == attempts.c.trial_id) & (reports.c.attempt == attempts.c.number))
        .order_by(reports.c.seq)
    )
    with database.read() as snapshot:
        for attempt, seq in acknowledged.items():
            steps = list(snapshot.connection.scalars(joined.where(attempts.c.id == attempt)))
            if steps != [float(step) for step in range(1, len(steps) + 1)]:
                found.append(f"I1: attempt {attempt} has gaps or doubles among {len(steps)} reports")
            if len(steps) < seq - 1:
                found.append(f"I1: attempt {attempt} has {len(steps)} reports of {seq - 1} acknowledged")
    return found
