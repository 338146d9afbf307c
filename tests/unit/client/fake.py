"""A service of canned answers, behind httpx2's mock transport."""

from collections.abc import Callable
from typing import Any

import httpx2

from caviar.client.transport import Transport

Answer = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


class FakeService:
    """Answers by "METHOD /path", each list in turn, the last one for ever."""

    def __init__(self, answers: dict[str, Answer | list[Answer]]) -> None:
        self.answers = dict(answers)
        self._answers = {key: list(value) if isinstance(value, list) else [value] for key, value in answers.items()}
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        queue = self._answers[f"{request.method} {request.url.path}"]
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def http(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self.handle)

    def transport(self, token: str | None = "cav_test") -> Transport:
        return Transport("http://caviar.test", token, sleep=self.slept.append, jitter=lambda: 1.0, http=self.http)


def answer(body: Any, status: int = 200) -> httpx2.Response:
    return httpx2.Response(status, json=body)


def problem(status: int, code: str, detail: str = "no", **more: Any) -> httpx2.Response:
    return httpx2.Response(status, json={"status": status, "code": code, "title": "t", "detail": detail, **more})


def study(**more: Any) -> dict[str, Any]:
    spec = {"metric": {"name": "val_error", "goal": "minimize"}, "budget": {"trials": 60}}
    return {"id": "s1", "name": "digits", "state": "running", "spec": spec, "counts": {"running": 2}, **more}
