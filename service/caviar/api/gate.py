"""What every request passes before anything looks at it: the Host it names, who calls, and how often."""

import hashlib
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caviar.api import browser
from caviar.api.auth import PRINCIPAL, Authenticator, Principal
from caviar.api.errors import problem_of
from caviar.api.hosts import Hosts
from caviar.api.pace import Pace
from caviar.api.secret_text import is_damaged
from caviar.domain.errors import CaviarError, Unauthorized

OPEN_PATHS = frozenset({"/livez", "/readyz", "/", "/login"})
OPEN_PAGES = ("/dashboard/", "/login/")
"""Pages and scripts, the same for everybody; the data they show is asked of the API."""


class Gate:
    """ASGI: puts the caller into the scope, or refuses. Every path is asked, also one that there is not."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator, hosts: Hosts, pace: Pace) -> None:
        self.app = app
        self._authenticator = authenticator
        self._hosts = hosts
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *browser.SECURITY_HEADERS]
            await send(message)

        try:
            await self._admit(scope)
        except CaviarError as error:
            refusal = _to_login() if _may_log_in(scope, error) else problem_of(error)
            await refusal(scope, receive, guarded_send)
            return
        await self.app(scope, receive, guarded_send)

    async def _admit(self, scope: Scope) -> None:
        self._hosts.require(scope)
        if is_open(scope["path"]):
            return
        try:
            caller = await self._principal(scope)
        except Unauthorized:
            if _has_credentials(scope):
                await self._pace.failed(scope)
            raise
        self._pace.count(caller)
        scope[PRINCIPAL] = caller

    async def _principal(self, scope: Scope) -> Principal:
        bearer = _bearer(scope)
        if bearer is not None:
            if is_damaged(bearer.decode("latin-1")):
                raise Unauthorized(
                    "This token is damaged.", hint="A character of it is missing or wrong: copy it anew."
                )
            return await self._look_up("token", bearer, self._authenticator.token)
        secret = browser.session_secret(scope)
        if secret is None:
            raise Unauthorized("A bearer token is needed.", hint="Send the header Authorization: Bearer cav_...")
        browser.require_own_page(scope)
        return await self._look_up("session", secret.encode(), self._authenticator.session)

    async def _look_up(self, kind: str, secret: bytes, look: Callable[[str], Principal]) -> Principal:
        digest = hashlib.sha256(secret).hexdigest()
        found = self._authenticator.cached(kind, digest)
        return found if found is not None else await run_in_threadpool(look, digest)


def is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_PAGES)


def _may_log_in(scope: Scope, error: CaviarError) -> bool:
    """A person at an address, who would not know what to do with a problem document."""
    return isinstance(error, Unauthorized) and browser.navigates(scope)


def _to_login() -> RedirectResponse:
    return RedirectResponse("/login", 303)


def _has_credentials(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"]) or browser.session_secret(scope) is not None


def _bearer(scope: Scope) -> bytes | None:
    """None without the header. Raises Unauthorized when it holds something else."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, secret = bytes(value).partition(b" ")
            if scheme.lower() == b"bearer" and secret.strip():
                return secret.strip()
            raise Unauthorized("Only bearer tokens are taken.", hint="Send the header Authorization: Bearer cav_...")
    return None
