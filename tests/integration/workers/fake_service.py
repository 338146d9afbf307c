"""A service for agents to talk to, in memory: leases what fits, applies each event once, parks, fences."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from caviar_workers.protocol import Resources, Train
from caviar_workers.service import Refused, ServiceAway
from caviar_workers.shapes import Shape, amounts, fits, without

PATIENCE = 30.0
ENDINGS = ("finished", "stopped", "failed", "returned")


@dataclass
class FakeStudy:
    id: str
    work: dict[str, Any]
    waiting: deque[dict[str, Any]] = field(default_factory=deque)

    def depth(self) -> int:
        seconds = self.work["seconds"]
        if seconds is None or seconds > 2:
            return 1
        return 2 * max(1, min(64, int(0.035 / max(seconds, 1e-6))))


class FakeService:
    def __init__(self, lease_seconds: float = 60.0) -> None:
        self.changed = threading.Condition()
        self.lease_seconds = lease_seconds
        self.studies: dict[str, FakeStudy] = {}
        self.bundles: dict[str, bytes] = {}
        self.live: dict[str, str] = {}
        """Attempt to study."""
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.commands: dict[str, str] = {}
        self.last = ("", 0)
        self.requests = 0
        self.syncs = 0
        self.away = False
        self.token = "secret"
        self.left = False
        self.nodes: list[dict[str, Any]] = []
        self.keep_events = True
        self.ended = 0
        self.measured: list[float] = []

    # What a test does

    def study(self, count: int, *, seconds: float | None = None, cpus: float = 1.0, gpus: float = 0.0,
              params: dict[str, Any] | None = None, slots: int | None = None, **train: Any) -> list[str]:  # fmt: skip
        """Submits a study of `count` trials; their attempts' ids."""
        resources = Resources(cpus=cpus, gpus=gpus)
        built = Train(metric="loss", resources=resources, **{"grace_seconds": 2.0, **train})
        work = {"train": built.model_dump(mode="json"), "name": "s", "seconds": seconds, "slots": slots}
        study = FakeStudy(uuid.uuid4().hex, work)
        ids = [uuid.uuid4().hex for _ in range(count)]
        for number, attempt in enumerate(ids):
            study.waiting.append({"attempt": attempt, "trial": f"t{number}", "study": study.id, "number": number,
                                  "attempt_number": 1, "params": params or {"x": 0.5}})  # fmt: skip
        with self.changed:
            self.studies[study.id] = study
            self.changed.notify_all()
        return ids

    def order(self, attempt: str, action: str) -> None:
        with self.changed:
            self.commands[attempt] = action
            self.changed.notify_all()

    def until(self, holds: Callable[[], object], patience: float = PATIENCE) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, patience), f"not in time; live {self.live}, events {self.events}"

    def until_ended(self, attempts: list[str], patience: float = PATIENCE) -> None:
        self.until(lambda: all(self.ending(attempt) for attempt in attempts), patience)

    def ending(self, attempt: str) -> dict[str, Any] | None:
        events = self.events.get(attempt, [])
        return events[-1] if events and events[-1]["kind"] in ENDINGS else None

    def kinds(self, attempt: str) -> list[str]:
        return [event["kind"] for event in self.events.get(attempt, [])]

    def seen(self, attempt: str, kind: str) -> bool:
        return kind in self.kinds(attempt)

    def log(self, attempt: str) -> str:
        return "".join(event["text"] for event in self.events[attempt] if event["kind"] == "log")

    # What an agent asks

    def sync(self, body: bytes, wait: float) -> bytes:
        if self.away:
            raise ServiceAway("away")
        started = time.perf_counter()
        request = orjson.loads(body)
        with self.changed:
            self.requests += 1
            this = (request["incarnation"], request["number"])
            if this <= self.last:
                return self._answer(request, superseded=True)
            self.last = this
            self.changed.notify_all()
            self.nodes = request["nodes"]
            self._apply(request["events"])
            self.left = self.left or request["leaving"]
            given = [] if wait or request["leaving"] else self._lease(request)
            commands = self._commands(request)
            if wait and not commands and not self._could_lease(request):
                self.changed.wait_for(
                    lambda: self.last != this or self._could_lease(request) or self._commands(request), wait
                )
            self.syncs += not wait
            answer = self._answer(request, given, self._commands(request))
            if not wait:
                self.measured.append(time.perf_counter() - started)
            return answer

    def bundle(self, digest: str) -> bytes:
        if digest not in self.bundles:
            raise Refused(404, "no such bundle")
        return self.bundles[digest]

    def _apply(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            attempt = event["attempt"]
            known = self.events.setdefault(attempt, [])
            if known and event["seq"] <= known[-1]["seq"]:
                continue
            if self.keep_events:
                known.append(event)
            if event["kind"] in ENDINGS:
                self.live.pop(attempt, None)
                self.commands.pop(attempt, None)
                self.ended += 1
                if not self.keep_events:
                    del self.events[attempt]

    def _lease(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        given = []
        for study in self.studies.values():
            for _ in range(self._room(request, study)):
                given.append(study.waiting.popleft())
                self.live[given[-1]["attempt"]] = study.id
        return given

    def _room(self, request: dict[str, Any], study: FakeStudy) -> int:
        shape = Shape.of(Resources.model_validate(study.work["train"]["resources"])).amounts()
        fitting = 0
        for node in request["nodes"]:
            left = amounts(Resources.model_validate(node["total"]))
            while fits(left, shape) and fitting < 64:
                left, fitting = without(left, [shape]), fitting + 1
        slots = fitting if study.work["slots"] is None else min(fitting, study.work["slots"])
        held = sum(of == study.id for of in self.live.values())
        return max(0, min(slots * study.depth() - held, len(study.waiting), 512))

    def _could_lease(self, request: dict[str, Any]) -> bool:
        return any(self._room(request, study) for study in self.studies.values())

    def _commands(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        held = set(request["held"])
        return [{"attempt": attempt, "action": action} for attempt, action in self.commands.items() if attempt in held]

    def _answer(
        self, request: dict[str, Any], given: Any = (), commands: Any = (), *, superseded: bool = False
    ) -> bytes:
        answer = {
            "number": request["number"],
            "superseded": superseded,
            "studies": {each["study"]: self.studies[each["study"]].work for each in given},
            "assignments": given,
            "commands": commands,
            "lease_seconds": self.lease_seconds,
        }
        return orjson.dumps(answer)


class FakeServer:
    """The fake service over HTTP."""

    def __init__(self, service: FakeService) -> None:
        self.service = service
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(service: FakeService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 16

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Authorization"] != f"Bearer {service.token}":
                return self._say(401, b"wrong token")
            try:
                return self._say(200, service.sync(body, orjson.loads(body)["wait"]))
            except ServiceAway:
                return self._say(503, b"away")

        def do_GET(self) -> None:
            try:
                self._say(200, service.bundle(self.path.rpartition("/")[2]))
            except Refused:
                self._say(404, b"no such bundle")

        def log_message(self, *_: Any) -> None:
            pass

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
