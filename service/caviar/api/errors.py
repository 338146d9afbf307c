"""Every error as a problem document (RFC 9457) with a stable code."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from caviar.api.answers import encoded
from caviar.api.models.common import Misshapen
from caviar.domain.errors import CaviarError, InvalidInput, Problem, TooManyRequests, pointer

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "1"
_CODES = {404: "no_such_path", 405: "method_not_allowed", 413: "too_large", 503: "unavailable"}

log = logging.getLogger(__name__)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str | None = None,
    errors: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    document: dict[str, Any] = {
        "type": f"urn:caviar:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if hint is not None:
        document["hint"] = hint
    listed = [each.to_document() for each in errors]
    if listed:
        document["errors"] = listed
    return Response(encoded(document), status, headers, MEDIA_TYPE)


def problem_of(error: CaviarError) -> Response:
    errors = error.errors if isinstance(error, InvalidInput) else ()
    headers = {}
    if error.retry:
        headers["Retry-After"] = str(error.after) if isinstance(error, TooManyRequests) else RETRY_SECONDS
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, error.code, error.detail, hint=error.hint, errors=errors, headers=headers)


def invalid(error: ValidationError, tagged: str) -> InvalidInput:
    """The mistakes in a body that pydantic found. `tagged` is the list whose items it tells apart by a tag, and names
    by it, though it is no part of where they stand."""
    errors = error.errors(include_input=False, include_url=False)
    places = [(*loc[:2], *loc[3:]) if (loc := each["loc"])[:1] == (tagged,) else loc for each in errors]
    return InvalidInput(_problems({**each, "loc": place} for each, place in zip(errors, places, strict=True)))


class RefusedBody(HTTPException):
    """A body that was not read to its end; FastAPI passes on no other kind of exception from there."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is larger than {limit:,} bytes.")


class UnreadableBody(HTTPException):
    """A body that is no JSON as it should be. It passes through FastAPI for the same reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.refusal = InvalidInput(problems)
        super().__init__(422, self.refusal.detail)


def register(app: FastAPI) -> None:
    app.add_exception_handler(CaviarError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(UnreadableBody, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _expected(_: Request, error: Exception) -> Response:
    assert isinstance(error, CaviarError)
    return problem_of(error)


async def _invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_of(InvalidInput(_problems(error.errors())))


async def _unreadable(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnreadableBody)
    return problem_of(error.refusal)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_allowed(request))}
    code = _CODES.get(error.status_code, HTTPStatus(error.status_code).phrase.lower().replace(" ", "_"))
    return problem(error.status_code, code, error.detail, headers=headers)


def _allowed(request: Request) -> list[str]:
    """The methods of every route of this path; each route knows its own only."""
    routes = [route for route in request.app.routes if isinstance(route, APIRoute)]
    matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in matching for method in route.methods or ()})


async def _unexpected(_: Request, error: Exception) -> Response:
    """The traceback goes to the log, never to the caller."""
    log.error("a request failed", exc_info=error)
    headers = {"X-Content-Type-Options": "nosniff"}  # beyond the middleware that sets it
    return problem(500, "internal", "The service made a mistake; its log says which.", headers=headers)


def _problems(errors: Iterable[Mapping[str, Any]]) -> list[Problem]:
    return [problem for error in errors for problem in _told(error)]


def _told(error: Mapping[str, Any]) -> Iterator[Problem]:
    at, cause = _pointer(error), error.get("ctx", {}).get("error")
    if isinstance(cause, Misshapen):
        yield from (problem.under(at) for problem in cause.problems)
    else:
        yield Problem(at, _said(error))


def _pointer(error: Mapping[str, Any]) -> str:
    """In a body as RFC 6901 has it; of a parameter of the path or the query, its name."""
    place = tuple(error["loc"])
    if error["type"] == "json_invalid":
        return ""
    if place and place[0] in ("body", "query", "path", "header"):
        place = place[1:]
    return pointer(*place)


def _said(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"is not JSON: {error.get('ctx', {}).get('error', error['msg'])}"
    return str(error["msg"]).removeprefix("Value error, ")
