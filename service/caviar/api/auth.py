"""Who calls: a bearer token, or the cookie of a dashboard session. What a role may do, each route declares."""

import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from caviar.api.roles import Role
from caviar.domain.errors import Unauthorized
from caviar.storage import sessions, tokens
from caviar.storage.database import Database
from caviar.storage.rows import TokenRow

PRINCIPAL = "caviar.principal"
"""The key of the request's scope under which the caller stands."""
CACHE_SECONDS = 5.0
CACHE_SIZE = 1_000


@dataclass(frozen=True, slots=True)
class Principal:
    """`id` is the token's, also of a session, whose own is `session`."""

    id: str
    role: Role
    name: str = ""
    session: str | None = None
    expires_at: float | None = None


class Authenticator:
    """Knows callers by their secret's hash. What was revoked is refused at once here, after CACHE_SECONDS in other
    replicas. A request whose caller is known already costs no look into the database."""

    def __init__(
        self,
        database: Database,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._wall = wall
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[Principal, float]] = {}
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def cached(self, kind: str, digest: str) -> Principal | None:
        found = self._known.get((kind, digest))
        return found[0] if found is not None and found[1] > self._clock() else None

    def token(self, digest: str) -> Principal:
        """Raises Unauthorized for a token that is not known or no longer in force."""
        now = self._wall()
        with self._database.read() as snapshot:
            row = tokens.by_sha256(snapshot, digest)
        if row is None or not hmac.compare_digest(row.sha256, digest) or not in_force(row, now):
            raise Unauthorized("This token is not known.", hint="`caviar up` keeps its own in DIR/admin-token.")
        return self._remember("token", digest, Principal(row.id, Role(row.role), row.name, None, row.expires_at), now)

    def session(self, digest: str) -> Principal:
        """Raises Unauthorized for a session that has ended, or whose token is no longer in force."""
        now = self._wall()
        with self._database.read() as snapshot:
            found = sessions.by_sha256(snapshot, digest)
        if found is None or found[0].expires_at <= now or not in_force(found[1], now):
            raise Unauthorized("This session is over.", hint="`caviar login-link` prints a link for another.")
        session, token = found
        principal = Principal(token.id, Role(session.role), token.name, session.id, session.expires_at)
        return self._remember("session", digest, principal, now)

    def forget(self) -> None:
        with self._lock:
            self._known.clear()

    def write_uses(self, _now: float) -> None:
        """When each token was last used, as far as it is not written yet."""
        with self._lock:
            used, self._used = self._used, {}
        if used:
            with self._database.write() as tx:
                tokens.note_uses(tx, used)

    def _remember(self, kind: str, digest: str, principal: Principal, now: float) -> Principal:
        left = CACHE_SECONDS if principal.expires_at is None else min(CACHE_SECONDS, principal.expires_at - now)
        with self._lock:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            self._known[kind, digest] = (principal, self._clock() + left)
            self._used[principal.id] = now
        return principal


def in_force(token: TokenRow, now: float) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
