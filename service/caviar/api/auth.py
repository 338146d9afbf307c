"""Who calls: a bearer token on everything but the two health checks. What a token may do, each route declares."""

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caviar.api.errors import problem_of
from caviar.domain.errors import CaviarError, Unauthorized
from caviar.storage import tokens
from caviar.storage.database import Database
from caviar.storage.rows import TokenRow

PREFIX = "cav_"
OPEN_PATHS = frozenset({"/livez", "/readyz"})
OPEN_PAGES = ("/dashboard/",)
"""The dashboard's own files: they hold no secrets, and ask for a session themselves."""
PRINCIPAL = "caviar.principal"
"""The key of the request's scope under which the caller stands."""
CACHE_SECONDS = 5.0
CACHE_SIZE = 1_000


class Role(StrEnum):
    """`agent` may sync, read bundles and see an agent; `admin` may do everything."""

    ADMIN = "admin"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Principal:
    """`id` is the token's."""

    id: str
    role: Role


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def sha256_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Authenticator:
    """Knows tokens by their hash. A revoked one is refused at once here, after CACHE_SECONDS in other replicas."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, tuple[Principal, float]] = {}
        self._lock = threading.Lock()

    def cached(self, digest: str) -> Principal | None:
        found = self._known.get(digest)
        return found[0] if found is not None and found[1] > self._clock() else None

    def look_up(self, digest: str) -> Principal:
        """Raises Unauthorized for a token that is not known or no longer in force."""
        with self._database.read() as snapshot:
            token = tokens.by_sha256(snapshot, digest)
        if token is None or token.revoked_at is not None or not hmac.compare_digest(token.sha256, digest):
            raise Unauthorized("This token is not known.", hint="`caviar up` keeps its own in DIR/admin-token.")
        return self._remember(token)

    def forget(self) -> None:
        with self._lock:
            self._known.clear()

    def _remember(self, token: TokenRow) -> Principal:
        principal = Principal(token.id, Role(token.role))
        with self._lock:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            self._known[token.sha256] = (principal, self._clock() + CACHE_SECONDS)
        return principal


class Authenticate:
    """ASGI: puts the caller into the scope, or answers 401. Every path is asked, also one that there is not."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self.app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
            await send(message)

        if not _is_open(scope["path"]):
            try:
                scope[PRINCIPAL] = await self._principal(scope)
            except CaviarError as error:
                await problem_of(error)(scope, receive, guarded_send)
                return
        await self.app(scope, receive, guarded_send)

    async def _principal(self, scope: Scope) -> Principal:
        digest = hashlib.sha256(_bearer(scope)).hexdigest()
        found = self._authenticator.cached(digest)
        return found if found is not None else await run_in_threadpool(self._authenticator.look_up, digest)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path == "/" or path.startswith(OPEN_PAGES)


def _bearer(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, secret = bytes(value).partition(b" ")
            if scheme.lower() == b"bearer" and secret:
                return secret.strip()
            break
    raise Unauthorized("A bearer token is needed.", hint="Send the header Authorization: Bearer cav_...")


def read_or_make(path: "os.PathLike[str]") -> str:
    """The secret in the file, which is made (mode 600) when there is none."""
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123 - beside os.open
            return file.read().strip()
    except FileNotFoundError:
        secret = new_secret()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret + "\n")
        return secret
