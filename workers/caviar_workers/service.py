"""The service as an agent sees it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Protocol

import httpx2

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
SHOWN = 500
CA_FILE = "CAVIAR_CA_FILE"


def trusted(environment: Mapping[str, str]) -> ssl.SSLContext | bool:
    """Whose certificates are believed: those of the file that CAVIAR_CA_FILE names, else the usual ones'."""
    file = environment.get(CA_FILE)
    return ssl.create_default_context(cafile=file) if file else True


class Service(Protocol):
    """Raises ServiceAway when there is no answer now, Refused when there is one and it is no."""

    def sync(self, body: bytes, wait: float) -> bytes:
        """One sync: a SyncRequest's JSON for a SyncResponse's."""

    def bundle(self, digest: str) -> bytes: ...


class ServiceAway(Exception):  # noqa: N818  a state, not a mistake
    """Try again later."""


class Refused(Exception):  # noqa: N818
    """The service has answered no."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail

    @property
    def is_about_the_token(self) -> bool:
        return self.status in (401, 403)

    @property
    def is_about_the_content(self) -> bool:
        return self.status in (400, 413, 422)


class HttpService:
    """Over HTTP, with kept connections: one for syncs, one for the parked one, one for bundles. Thread-safe."""

    def __init__(self, url: str, token: str, agent: str) -> None:
        self._path = f"/api/v1/agents/{agent}/sync"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "User-Agent": "caviar-agent"}
        timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx2.Client(
            base_url=url, headers=headers, timeout=timeout, follow_redirects=False, verify=trusted(os.environ)
        )

    def sync(self, body: bytes, wait: float) -> bytes:
        timeout = httpx2.Timeout(ANSWER_SECONDS + wait, connect=CONNECT_SECONDS)
        return self._ask("POST", self._path, body, timeout)

    def bundle(self, digest: str) -> bytes:
        return self._ask("GET", f"/api/v1/bundles/{digest}", None, httpx2.Timeout(300.0, connect=CONNECT_SECONDS))

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, body: bytes | None, timeout: httpx2.Timeout) -> bytes:
        try:
            response = self._client.request(method, path, content=body, timeout=timeout)
        except httpx2.HTTPError as error:
            raise ServiceAway(f"{type(error).__name__}: {error}") from error
        if response.status_code == 200:
            return response.content
        detail = response.text[:SHOWN]
        if response.status_code in (408, 425, 429) or response.status_code >= 500:
            raise ServiceAway(f"status {response.status_code}: {detail}")
        raise Refused(response.status_code, detail)
