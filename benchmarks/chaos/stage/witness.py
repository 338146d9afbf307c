"""Stands between an agent and the service, and writes down what the service acknowledged (invariants I1 and I9)."""

from __future__ import annotations

import http.client
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

Say = Callable[..., None]
PASSED_ON = ("Authorization", "Content-Type", "User-Agent")
PATIENCE_SECONDS = 10.0
"""Longer than a poll is parked, with leases of the stage's length."""


@contextmanager
def witnessed(ports: Sequence[int], say: Say) -> Iterator[str]:
    """A URL for agents. A service that does not answer gives way to the next one of `ports`, as a balancer would have
    it. `say("ack", attempt=..., seq=..., event=..., step=...)` for each event that was acknowledged,
    `say("answer", status=...)` for each answer."""

    class Handler(_Passing):
        upstreams = Upstreams(ports)
        said = staticmethod(say)

    server = _Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, name="witness", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Agents are killed in the middle of a request."""


class Upstreams:
    """Thread-safe: whoever fails with the first moves it to the end."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = deque(ports)
        self._lock = Lock()

    def first(self) -> int:
        return self._ports[0]

    def failed(self, port: int) -> None:
        with self._lock:
            if self._ports[0] == port:
                self._ports.rotate(-1)


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstreams: Upstreams
    said: Say

    def do_POST(self) -> None:
        self._pass()

    def do_GET(self) -> None:
        self._pass()

    def log_message(self, *_: Any) -> None:
        """Nothing: the history has it."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        port = self.upstreams.first()
        try:
            status, answer, kind = self._asked(port, body)
        except (OSError, http.client.HTTPException):  # the service is away, or went before it had answered
            self.upstreams.failed(port)
            self.close_connection = True
            return
        self.said("answer", status=status, of="sync")
        if status == 200 and self.path.endswith("/sync"):
            self._note(json.loads(body), json.loads(answer))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _asked(self, port: int, body: bytes) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Content-Type", "application/json")
        finally:
            connection.close()

    def _note(self, request: dict[str, Any], answer: dict[str, Any]) -> None:
        for event in () if answer.get("superseded") else request["events"]:
            self.said("ack", attempt=event["attempt"], seq=event["seq"], event=event["kind"])
        if answer["assignments"]:
            self.said("leased", attempts=[assignment["attempt"] for assignment in answer["assignments"]])
