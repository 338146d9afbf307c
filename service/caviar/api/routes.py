"""Kinds of route: each says which roles may call it and how large a body it takes."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope

from caviar.api.auth import PRINCIPAL, Principal
from caviar.api.errors import RefusedBody, UnreadableBody
from caviar.api.roles import ADMINS, AGENTS, EVERYONE, PEOPLE, SUBMITTERS, Role, Roles
from caviar.domain.errors import Forbidden, InvalidInput, Problem, Unauthorized
from caviar.domain.json_text import read_json

MEBIBYTE = 2**20


def parsed(body: bytes) -> Any:
    """Raises UnreadableBody: it is no JSON, or JSON that two readers could take for two things."""
    try:
        return read_json(body.decode("utf-8"))
    except UnicodeDecodeError:
        problems = [Problem("", "is not JSON: it is not UTF-8")]
    except RecursionError:
        problems = [Problem("", "is nested too deep")]
    except InvalidInput as error:
        problems = [each if each.pointer else Problem("", f"is not JSON: {each.detail}") for each in error.errors]
    raise UnreadableBody(problems)


class StrictRequest(Request):
    """Its body has a bounded size, and its JSON no key twice and no NaN."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        super().__init__(scope, receive)
        self._limit = limit

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Raises RefusedBody when more than the limit comes, or is announced."""
        announced = self.headers.get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0
        if size > self._limit:
            raise RefusedBody(self._limit)
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > self._limit:
                raise RefusedBody(self._limit)
            yield chunk

    async def json(self) -> Any:
        """Raises UnreadableBody."""
        return parsed(await self.body())


class GuardedRoute(APIRoute):
    """`reads`: who may GET; `writes`: who may do anything else. None: everybody, without a token."""

    reads: ClassVar[Roles | None]
    writes: ClassVar[Roles | None]
    limit: ClassVar[int] = MEBIBYTE

    @property
    def roles(self) -> Roles | None:
        return self.reads if self.methods == {"GET"} else self.writes

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        roles, limit = self.roles, self.limit

        async def guarded(request: Request) -> Response:
            if roles is not None:
                _require(request.scope.get(PRINCIPAL), roles)
            try:
                return await handler(StrictRequest(request.scope, request.receive, limit))
            except ClientDisconnect:
                return Response(status_code=400)

        return guarded


class OpenRoute(GuardedRoute):
    reads = writes = None


class StudyRoute(GuardedRoute):
    """What everybody may see, and whoever may run studies may change."""

    reads = PEOPLE
    writes = SUBMITTERS


class CodeRoute(GuardedRoute):
    """Code, which is for those who run it. It counts its bytes for itself."""

    reads = SUBMITTERS | {Role.AGENT}
    writes = SUBMITTERS
    limit = 1024 * MEBIBYTE


class OwnRoute(GuardedRoute):
    """What concerns the caller alone."""

    reads = EVERYONE
    writes = PEOPLE


class AdminRoute(GuardedRoute):
    reads = writes = ADMINS


class AgentRoute(GuardedRoute):
    reads = writes = AGENTS


class SyncRoute(AgentRoute):
    limit = 64 * MEBIBYTE


def guarded(routes: Sequence[BaseRoute]) -> Sequence[BaseRoute]:
    """The same. Raises TypeError for a route that does not say who may call it: the service does not start."""
    for route in routes:
        if not isinstance(route, GuardedRoute):
            raise TypeError(f"{route} declares no role: give its router a route_class of caviar.api.routes")
    return routes


def _require(principal: Principal | None, roles: Roles) -> None:
    if principal is None:
        raise Unauthorized("A bearer token is needed.")
    if principal.role not in roles:
        raise Forbidden(
            f"A token of role {principal.role} may not do that.",
            hint=f"It takes a token of role {' or '.join(sorted(roles))}.",
        )
