"""A browser's way in: a link with a one-time code, which the login page turns into a session's cookie."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from caviar.api import browser
from caviar.api.answers import answer
from caviar.api.auth import PRINCIPAL, Principal, in_force
from caviar.api.models.access import Caller, Login, LoginLink, NewLoginLink
from caviar.api.roles import within
from caviar.api.routes import OpenRoute, OwnRoute
from caviar.api.secret_text import new_secret, sha256_of
from caviar.api.service import Service, ServiceOf
from caviar.domain.errors import Conflict, Forbidden, Unauthorized
from caviar.insights.documents import timestamp
from caviar.storage import sessions
from caviar.storage.rows import SessionRow

login_router = APIRouter(tags=["sessions"], route_class=OpenRoute)
router = APIRouter(prefix="/api/v1", tags=["sessions"], route_class=OwnRoute)

HOUR = 3_600.0


@router.post("/login-links", status_code=201, response_model=LoginLink)
def create_login_link(request: Request, service: ServiceOf, link: NewLoginLink | None = None) -> Response:
    """A link that opens the dashboard once. The code stands behind #: no server's log ever sees it."""
    caller: Principal = request.scope[PRINCIPAL]
    role = caller.role if link is None or link.role is None else link.role
    if role not in within(caller.role):
        raise Forbidden(f"A token of role {caller.role} can't make a session of role {role}.")
    code = new_secret()
    with service.work() as work:
        sessions.drop_expired(work.tx, work.now)
        until = _at_most(work.now + service.settings.login_code_seconds, caller.expires_at)
        sessions.insert(
            work.tx, SessionRow(work.new_id(), caller.id, role.value, sha256_of(code), None, work.now, until)
        )
    return answer({"path": f"/login#{code}", "role": role, "expires_at": timestamp(until)}, 201)


@login_router.post("/login", status_code=204, response_class=Response)
async def login(request: Request, service: ServiceOf, given: Login) -> Response:
    """Takes the code of a login link, once, and sets the session's cookie."""
    browser.require_own_page(request.scope)
    secret = new_secret()
    seconds = await run_in_threadpool(_open, service, given.code, secret)
    if seconds is None:
        await service.pace.failed(request.scope)
        raise Unauthorized("This link has been used, or is too old.", hint="`caviar login-link` prints another.")
    return Response(status_code=204, headers={"Set-Cookie": browser.cookie(request.scope, secret, int(seconds))})


@router.get("/session", response_model=Caller)
def get_session(request: Request) -> Response:
    """Whose token or session the request came with."""
    caller: Principal = request.scope[PRINCIPAL]
    return answer(
        {
            "kind": "token" if caller.session is None else "session",
            "token": caller.id,
            "name": caller.name,
            "role": caller.role,
            "expires_at": timestamp(caller.expires_at),
        }
    )


@router.delete("/session", status_code=204, response_class=Response)
def logout(request: Request, service: ServiceOf) -> Response:
    """Ends the session that the request came with."""
    caller: Principal = request.scope[PRINCIPAL]
    if caller.session is None:
        raise Conflict("The request came with a token, not with a session.", hint="DELETE /tokens/{token} revokes it.")
    with service.work() as work:
        sessions.end(work.tx, caller.session)
    service.authenticator.forget()
    return Response(status_code=204, headers={"Set-Cookie": browser.cookie(request.scope, "", 0)})


def _open(service: Service, code: str, secret: str) -> float | None:
    """Seconds that the session lasts; None when the code is no good."""
    digest = sha256_of(code)
    with service.work() as work:
        found = sessions.by_code(work.tx, digest)
        if found is None or found[0].expires_at <= work.now or not in_force(found[1], work.now):
            return None
        until = _at_most(work.now + service.settings.session_hours * HOUR, found[1].expires_at)
        return until - work.now if sessions.open_once(work.tx, digest, sha256_of(secret), until) else None


def _at_most(moment: float, limit: float | None) -> float:
    return moment if limit is None else min(moment, limit)
