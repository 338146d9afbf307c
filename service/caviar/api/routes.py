"""Kinds of route: each says which roles may call it and how large a body it takes."""

import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from caviar.api.auth import PRINCIPAL, Principal, Role
from caviar.api.errors import RefusedBody
from caviar.domain.document import load_document
from caviar.domain.errors import Forbidden, InvalidStudy

MEBIBYTE = 2**20


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
        """Raises JSONDecodeError, which FastAPI turns into a validation error of the request."""
        try:
            return load_document((await self.body()).decode("utf-8"), ".json")
        except UnicodeDecodeError:
            raise json.JSONDecodeError("it is not UTF-8", "", 0) from None
        except InvalidStudy as error:
            raise json.JSONDecodeError(error.errors[0].detail, "", 0) from None


class GuardedRoute(APIRoute):
    """`roles` None: open to everybody, without a token."""

    roles: ClassVar[frozenset[Role] | None]
    limit: ClassVar[int] = MEBIBYTE

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
    roles = None


class AdminRoute(GuardedRoute):
    roles = frozenset({Role.ADMIN})


class AgentRoute(GuardedRoute):
    roles = frozenset({Role.ADMIN, Role.AGENT})


class SyncRoute(AgentRoute):
    limit = 64 * MEBIBYTE


class UploadRoute(AdminRoute):
    """Counts for itself."""

    limit = 1024 * MEBIBYTE


def _require(principal: Principal | None, roles: frozenset[Role]) -> None:
    if principal is None or principal.role not in roles:
        raise Forbidden("This token may not do that.", hint=f"It takes a token of role {' or '.join(sorted(roles))}.")
