"""Every operation of the OpenAPI document against every kind of caller."""

from typing import Any

import pytest
from fastapi import APIRouter
from tests.support.api import AGENT_ID, Api

from caviar.api.gate import is_open
from caviar.api.roles import EVERYONE, PEOPLE, Role
from caviar.api.routes import GuardedRoute, guarded

AGENTS_MAY = {
    "POST /api/v1/agents/{agent}/sync",
    "GET /api/v1/bundles/{digest}",
    "GET /api/v1/meta",
    "GET /api/v1/session",
}
ADMINS_ALONE_MAY = {
    "GET /api/v1/tokens",
    "POST /api/v1/tokens",
    "DELETE /api/v1/tokens/{token}",
    "POST /api/v1/tokens/{token}/rotate",
}
VIEWERS_MAY_CHANGE = {"POST /api/v1/login-links", "DELETE /api/v1/session"}
OPEN = {"GET /livez", "GET /readyz", "POST /login"}
SOMEBODY = {
    "study": "no-such-study",
    "trial": AGENT_ID,
    "agent": AGENT_ID,
    "token": AGENT_ID,
    "number": "0",
    "digest": "sha256:" + "0" * 64,
}


def operations(api: Api) -> dict[str, frozenset[str] | None]:
    """Who may call what, as the document has it; None: everybody."""
    paths: dict[str, dict[str, Any]] = api.get("/openapi.json")["paths"]
    return {
        f"{method.upper()} {path}": None if each["x-caviar-roles"] is None else frozenset(each["x-caviar-roles"])
        for path, methods in paths.items()
        for method, each in methods.items()
    }


def status(api: Api, operation: str, token: str | None) -> int:
    """Path parameters that a test does not know get a word."""
    method, path = operation.split(" ")
    for part in [part.strip("{}") for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{part}}}", SOMEBODY.get(part, "nobody"))
    return api.call(method, path, token=token, json=None if method == "GET" else {}).status_code


@pytest.fixture
def secrets(api: Api) -> dict[str, str]:
    made: dict[str, str] = {}
    for role in Role:
        made[role] = api.post("/tokens", {"name": f"a {role}", "role": role})["secret"]
    for state in ("expired", "revoked"):
        token = api.post("/tokens", {"name": state, "role": "admin", "expires_in": 60 if state == "expired" else None})
        made[state] = token["secret"]
        assert api.call("GET", "/meta", token=made[state]).status_code == 200
        if state == "revoked":
            api.call("DELETE", f"/tokens/{token['id']}")
    api.clock.now += 61
    api.service.authenticator.forget()
    return made


def test_every_operation_lets_in_whom_it_names_and_nobody_else(api: Api, secrets: dict[str, str]) -> None:
    every = operations(api)
    assert len(every) > 30
    strangers = [None, secrets["expired"], secrets["revoked"], "cav_wrong", secrets["admin"][:-1]]
    for operation, roles in every.items():
        if roles is None:
            continue
        for secret in strangers:
            assert status(api, operation, secret) == 401, operation
        for role in Role:
            found = status(api, operation, secrets[role])
            assert (found == 403) == (role not in roles), (operation, role, found)
            assert found != 401, (operation, role)


def test_what_each_role_may_do_is_what_was_decided(api: Api) -> None:
    every = operations(api)
    assert {each for each, roles in every.items() if roles is None} == OPEN
    closed = {each: roles for each, roles in every.items() if roles is not None}
    assert {each for each, roles in closed.items() if roles == {"admin"}} == ADMINS_ALONE_MAY
    assert {each for each, roles in closed.items() if "agent" in roles} == AGENTS_MAY
    changing = {each for each in closed if not each.startswith("GET ")}
    assert {each for each in changing if "viewer" in closed[each]} == VIEWERS_MAY_CHANGE
    for each, roles in closed.items():
        assert "admin" in roles
        if "viewer" in roles:
            assert "submitter" in roles, each
        if each.startswith("GET ") and each not in ADMINS_ALONE_MAY | {"GET /api/v1/bundles/{digest}"}:
            assert roles in (PEOPLE, EVERYONE), f"{each}: viewers read everything but tokens and code"


def test_no_route_is_outside_of_the_document_but_pages(api: Api) -> None:
    documented = {each.split(" ")[1] for each in operations(api)}
    for route in api.client.app.routes:
        assert isinstance(route, GuardedRoute)
        if route.path not in documented:
            assert route.path == "/openapi.json" or route.path.startswith("/docs") or is_open(route.path)


def test_a_route_without_a_role_stops_the_service() -> None:
    router = APIRouter()
    router.get("/forgotten")(lambda: None)
    with pytest.raises(TypeError, match="declares no role"):
        guarded(router.routes)


def test_the_cache_never_outlives_a_token(api: Api) -> None:
    made = api.post("/tokens", {"name": "short", "role": "viewer", "expires_in": 3})
    authenticator = api.service.authenticator
    moment = [0.0]
    authenticator._clock = lambda: moment[0]
    assert api.call("GET", "/meta", token=made["secret"]).status_code == 200
    api.clock.now += 3.5
    moment[0] += 3.5
    assert api.call("GET", "/meta", token=made["secret"]).status_code == 401


def test_a_known_caller_costs_no_look_into_the_database(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.call("GET", "/session").status_code == 200
    monkeypatch.setattr(api.service.authenticator, "_database", None)
    assert api.call("GET", "/session").json()["role"] == "admin"


def test_the_agents_role_is_below_nobody() -> None:
    from caviar.api.roles import within

    assert within(Role.AGENT) == frozenset()
    assert within(Role.VIEWER) == {Role.VIEWER}
    assert within(Role.ADMIN) == PEOPLE
