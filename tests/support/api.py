"""A service without a network: requests with a token, and an agent that finishes what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.testclient import TestClient

from caviar.api.app import create_app
from caviar.api.service import Service
from caviar.api.settings import Settings
from caviar.api.startup import ensure_tokens
from caviar.engine.engine import Engine
from caviar.storage import studies
from caviar.storage.database import Database

NOW = 1_800_000_000.0
ADMIN = "cav_admin-of-the-tests"
AGENT = "cav_agents-of-the-tests"
AGENT_ID = "0190c0de-0000-7000-8000-000000000001"
Json = Any


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


class Api:
    """Calls with the admin's token unless told otherwise; `get`, `post` and `delete` expect success."""

    def __init__(self, client: TestClient, service: Service, clock: Clock) -> None:
        self.client = client
        self.service = service
        self.clock = clock

    def call(self, method: str, path: str, *, token: str | None = ADMIN, **how: Any) -> httpx2.Response:
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **how.pop("headers", {})}
        outside = ("/livez", "/readyz", "/metrics", "/openapi", "/api", "/assets")
        prefix = "" if path == "/login" or path.startswith(outside) else "/api/v1"
        return self.client.request(method, prefix + path, headers=headers, **how)

    def get(self, path: str, **params: Any) -> Json:
        return _good(self.call("GET", path, params=params)).json()

    def post(self, path: str, body: Json = None, **how: Any) -> Json:
        return _good(self.call("POST", path, json=body, **how)).json()

    def refused(self, method: str, path: str, **how: Any) -> Json:
        """The problem document."""
        answer = self.call(method, path, **how)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        return problem

    def think(self) -> None:
        """What the planner's threads do."""
        with self.service.read() as snapshot:
            wanting = studies.wanting_ids(snapshot)
        for study_id in wanting:
            while self.service.engine.plan(study_id, self.clock()):
                pass

    def submit(self, **changes: Any) -> Json:
        return self.post("/studies", study_document(**changes))


def study_document(**changes: Any) -> dict[str, Any]:
    document = {
        "name": "digits",
        "metric": {"name": "loss", "goal": "minimize"},
        "train": {"command": ["true"]},
        "space": {
            "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
            "units": {"type": "int", "low": 10, "high": 90},
            "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
            "nesterov": {"type": "choice", "values": [True, False], "when": {"optimizer": ["sgd"]}},
        },
        "search": {"strategy": "random", "seed": 7},
        "budget": {"trials": 12},
    }
    return {**document, **changes}


@dataclass
class Agent:
    """Speaks the wire of an agent with `slots` CPUs."""

    api: Api
    slots: int = 4
    id: str = AGENT_ID
    number: int = 0
    seqs: dict[str, int] = field(default_factory=dict)
    queue: list[Json] = field(default_factory=list)

    def request(self, events: list[Json] | None = None, **more: Any) -> Json:
        self.number += 1
        resources = {"cpus": self.slots}
        node = {"id": "n1", "host": "host-1", "total": resources, "free": resources}
        held = [each["attempt"] for each in self.queue]
        return {
            "incarnation": "0001",
            "number": self.number,
            "received": self.number - 1,
            "nodes": [node],
            "held": held,
            "events": events or [],
            **more,
        }

    def sync(self, events: list[Json] | None = None, **more: Any) -> Json:
        answer = self.api.post(f"/agents/{self.id}/sync", self.request(events, **more), token=AGENT)
        self.queue += answer["assignments"]
        self.api.think()
        return answer

    def event(self, assignment: Json, kind: str, **more: Any) -> Json:
        attempt = assignment["attempt"]
        self.seqs[attempt] = self.seqs.get(attempt, 0) + 1
        return {"kind": kind, "attempt": attempt, "seq": self.seqs[attempt], "at": self.api.clock.now, **more}

    def finish(self, assignment: Json, value: Json, steps: int = 2) -> list[Json]:
        """The events of a whole trial, whose reports come down to `value`."""
        self.queue.remove(assignment)
        reports = [
            self.event(assignment, "report", step=step, metrics={"loss": value + (steps - step) * 0.1})
            for step in range(1, steps + 1)
            if isinstance(value, float)
        ]
        started = self.event(assignment, "started", node="host-1", pid=1)
        reports = [{**each, "seq": each["seq"] + 1} for each in reports]
        started["seq"] = 1
        self.seqs[assignment["attempt"]] = len(reports) + 1
        return [started, *reports, self.event(assignment, "finished", metrics={"loss": value}, seconds=1.5)]

    def run(self, trials: int | None = None) -> None:
        """Finishes what there is, or so many trials; trial n ends with the value n."""
        done = 0
        self.sync()
        while (self.queue or self.sync()["assignments"]) and (trials is None or done < trials):
            events = self.finish(self.queue[0], float(self.queue[0]["number"]))
            done += 1
            self.sync(events)


@contextmanager
def running(database: Database, folder: Path, **changes: Any) -> Iterator[Api]:
    clock = Clock()
    settings = Settings(
        data_dir=folder,
        **{
            "admin_token": SecretStr(ADMIN),
            "agent_token": SecretStr(AGENT),
            "background": False,
            "allowed_hosts": "testserver",
            "failures_per_minute": 1_000_000,
            "longest_park_seconds": 5.0,
            "longest_lag_seconds": 0.0,
            **changes,
        },
    )
    engine = Engine(database, seed=1)
    ensure_tokens(settings, engine, clock())
    app = create_app(settings, engine, database, clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Api(client, app.state.service, clock)


def _good(answer: httpx2.Response) -> httpx2.Response:
    assert answer.is_success, f"{answer.status_code}: {answer.text}"
    return answer
