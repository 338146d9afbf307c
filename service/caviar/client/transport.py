"""Requests to one service: the token, retries, and problem documents turned into errors."""

import os
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import uuid4

import httpx2

from caviar.client.errors import NoConnection, error_of
from caviar.client.retry import PASSING_STATUSES, RetryPolicy, is_repeatable, retry_after
from caviar.domain.errors import InvalidInput, Problem

API = "/api/v1"
CA_FILE: Final = "CAVIAR_CA_FILE"
Json = Any
Params = Mapping[str, str | int | float | bool | None]

_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the API. `key` makes a POST repeatable: the service does the same key once."""

    method: str
    path: str
    params: Params = field(default_factory=dict)
    json: Json = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    timeout: float | None = None

    @property
    def sent_headers(self) -> dict[str, str]:
        return {**self.headers, **({"Idempotency-Key": self.key} if self.key else {})}

    @property
    def sent_params(self) -> dict[str, str | int | float | bool]:
        return {name: value for name, value in self.params.items() if value is not None}


class Transport:
    """Not for use from several threads at once with one `Transport`: each thread makes its own."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        http: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(
            base_url=self.url, headers=headers, timeout=_TIMEOUT, transport=http, verify=trusted(os.environ)
        )
        self._retry = retry or RetryPolicy()
        self._sleep = sleep
        self._jitter = jitter

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, params: Params | None = None, *, timeout: float | None = None) -> Json:
        return self.send(Request("GET", path, params or {}, timeout=timeout)).json()

    def post(self, path: str, json: Json = None, *, params: Params | None = None, timeout: float | None = None) -> Json:
        """Sent with an Idempotency-Key of its own, so that a lost answer costs a retry and no second effect."""
        answer = self.send(Request("POST", path, params or {}, json=json, key=new_key(), timeout=timeout))
        return answer.json() if answer.content else None

    def send(self, request: Request) -> httpx2.Response:
        """Raises NoConnection, or the error the service answered with."""
        attempt = 1
        while True:
            outcome = self._try(request)
            wait = self._wait(request, outcome, attempt)
            if wait is None:
                return self._settled(outcome)
            self._sleep(wait)
            attempt += 1

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx2.Response]:
        """The answer as it comes, not retried; what it may still last is the caller's concern."""
        timeout = httpx2.Timeout(request.timeout, connect=5.0)
        try:
            with self._http.stream(
                request.method, request.path, params=request.sent_params, headers=request.sent_headers, timeout=timeout
            ) as answer:
                if answer.is_error:
                    answer.read()
                    raise _error(answer)
                yield answer
        except httpx2.TransportError as error:
            raise self._no_connection(error) from error

    def _try(self, request: Request) -> httpx2.Response | httpx2.TransportError:
        try:
            return self._http.request(
                request.method,
                request.path,
                params=request.sent_params,
                json=request.json,
                content=request.content,
                headers=request.sent_headers,
                timeout=_TIMEOUT if request.timeout is None else httpx2.Timeout(request.timeout, connect=5.0),
            )
        except httpx2.TransportError as error:
            return error

    def _wait(self, request: Request, outcome: httpx2.Response | httpx2.TransportError, attempt: int) -> float | None:
        match outcome:
            case httpx2.Response() if outcome.status_code in PASSING_STATUSES:
                after = retry_after(outcome.headers.get("retry-after"))
                # 429 and 503 say that nothing was done; behind 502 and 504 something may have been.
                safe = outcome.status_code in {429, 503}
            case httpx2.Response() | httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError():
                return None
            case _:
                after = None
                safe = isinstance(outcome, httpx2.ConnectError | httpx2.ConnectTimeout)
        if not safe and not is_repeatable(request.method, has_key=request.key is not None):
            return None
        return self._retry.delay(attempt, self._jitter(), after)

    def _settled(self, outcome: httpx2.Response | httpx2.TransportError) -> httpx2.Response:
        match outcome:
            case httpx2.Response():
                if outcome.is_error:
                    raise _error(outcome)
                return outcome
            case _:
                raise self._no_connection(outcome) from outcome

    def _no_connection(self, cause: httpx2.TransportError) -> NoConnection:
        why = "it did not answer in time" if isinstance(cause, httpx2.TimeoutException) else str(cause) or "lost"
        return NoConnection(
            f"no Caviar service answers at {self.url}: {why}",
            hint="start one with `caviar up`, or set CAVIAR_URL to one that runs",
        )


def trusted(environment: Mapping[str, str]) -> ssl.SSLContext | bool:
    """Whose certificates are believed: those of the file that CAVIAR_CA_FILE names, else the usual ones'. Raises
    InvalidInput when the file is none."""
    file = environment.get(CA_FILE)
    if not file:
        return True
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:  # an SSLError is one
        raise InvalidInput([Problem("", f"{CA_FILE}: {file} holds no certificates ({error})")]) from error


def new_key() -> str:
    return str(uuid4())


def _error(answer: httpx2.Response) -> Exception:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    return error_of(answer.status_code, problem if isinstance(problem, dict) else {})
