"""Who may do what: a token on everything, a role on every route."""

from tests.support.api import ADMIN, AGENT, AGENT_ID, Agent, Api

from caviar.api.auth import OPEN_PATHS, Role, sha256_of
from caviar.api.routes import GuardedRoute

AGENTS_MAY = {
    ("POST", "/api/v1/agents/{agent}/sync"),
    ("GET", "/api/v1/agents/{agent}"),
    ("GET", "/api/v1/bundles/{digest}"),
    ("GET", "/api/v1/meta"),
    ("GET", "/openapi.json"),
}


def routes(api: Api) -> list[tuple[str, str, GuardedRoute]]:
    found = []
    for route in api.client.app.routes:
        assert isinstance(route, GuardedRoute), f"{route} declares no role"
        found += [(method, route.path, route) for method in route.methods]
    return found


def test_every_route_declares_who_may_call_it(api: Api) -> None:
    every = routes(api)
    assert len(every) > 25
    assert {path for _, path, route in every if route.roles is None and route.include_in_schema} == OPEN_PATHS
    assert {(method, path) for method, path, route in every if Role.AGENT in (route.roles or ())} == AGENTS_MAY


def test_without_a_token_nothing_is_answered(api: Api) -> None:
    for method, path, route in routes(api):
        if route.roles is not None:
            for token in (None, "cav_wrong", "x" * 10_000):
                answer = api.call(method, path, token=token)
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
                assert answer.headers["www-authenticate"] == "Bearer"
    assert api.refused("GET", "/nothing", token=None)["status"] == 401
    assert api.call("GET", "/livez", token=None).json() == {"status": "alive"}
    assert api.call("GET", "/readyz", token=None).json() == {"status": "ready"}


def test_an_agent_may_not_do_what_is_the_admins(api: Api) -> None:
    for method, path, route in routes(api):
        if route.roles == {Role.ADMIN}:
            assert api.refused(method, path, token=AGENT)["code"] == "forbidden"


def test_the_scheme_is_bearer(api: Api) -> None:
    for value in (ADMIN, f"Basic {ADMIN}", "Bearer", "Bearer "):
        assert api.refused("GET", "/meta", token=None, headers={"Authorization": value})["status"] == 401
    answer = api.call("GET", "/meta", token=None, headers={"Authorization": f"bearer {ADMIN}"})
    assert answer.json()["api"] == "v1"


def test_tokens_are_made_shown_once_and_revoked(api: Api) -> None:
    made = api.post("/tokens", {"name": "ci", "role": "agent"})
    assert made["secret"].startswith("cav_")
    assert len(made["secret"]) > 40
    listed = api.get("/tokens")["items"]
    assert [each["name"] for each in listed] == ["first admin", "agents", "ci"]
    assert made["secret"] not in str(listed)
    assert sha256_of(made["secret"]) not in str(listed)
    assert api.call("GET", "/meta", token=made["secret"]).status_code == 200
    assert api.call("DELETE", f"/tokens/{made['id']}").status_code == 204
    assert api.refused("GET", "/meta", token=made["secret"])["status"] == 401
    assert api.refused("DELETE", f"/tokens/{made['id']}")["code"] == "not_found"
    assert api.refused("POST", "/tokens", json={"name": "x", "role": "king"})["errors"][0]["pointer"] == "/role"


def test_the_last_admin_token_stays(api: Api) -> None:
    mine = api.get("/tokens")["items"][0]
    assert api.refused("DELETE", f"/tokens/{mine['id']}")["code"] == "last_admin"


def test_answers_are_not_sniffed(api: Api) -> None:
    assert api.call("GET", "/livez").headers["x-content-type-options"] == "nosniff"


def test_a_mistake_of_the_service_shows_no_traceback(api: Api, monkeypatch: object) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("caviar.api.studies.list_studies", broken)
    answer = api.call("GET", "/studies")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret detail" not in answer.text


def test_agents_are_seen_with_their_clusters(api: Api) -> None:

    agent = Agent(api)
    assert api.get("/agents")["items"] == []
    api.submit()
    agent.sync()
    agent.sync([agent.event(agent.queue[0], "started", node="host-1")])
    (shown,) = api.get("/agents")["items"]
    assert (shown["id"], shown["alive"], shown["running"], shown["leased"]) == (AGENT_ID, True, 1, 3)
    assert shown["total"]["cpus"] == 4
    detail = api.call("GET", f"/agents/{AGENT_ID}", token=AGENT).json()
    assert {each["number"] for each in detail["trials"]} == {0, 1, 2, 3}
    assert {each["study_name"] for each in detail["trials"]} == {"digits"}
    api.clock.now += 121
    assert api.get("/agents")["items"][0]["alive"] is False
    assert api.refused("GET", "/agents/nobody")["code"] == "not_found"


def test_a_sync_that_is_none_is_refused(api: Api) -> None:
    path = f"/agents/{AGENT_ID}/sync"
    problem = api.refused("POST", path, token=AGENT, json={"incarnation": "1", "number": "x"})
    assert problem["errors"][0]["pointer"] == "/number"
    assert api.refused("POST", "/agents/me/sync", token=AGENT, json={})["errors"][0]["pointer"] == "/agent"
    newer = {"protocol": 2, "incarnation": "1", "number": 1}
    assert api.refused("POST", path, token=AGENT, json=newer)["code"] == "protocol_mismatch"


def test_prometheus_gets_few_labels(api: Api) -> None:

    api.submit()
    Agent(api).run(2)
    text = api.call("GET", "/metrics").text
    assert 'caviar_trials{state="completed"} 2.0' in text
    assert 'caviar_studies{state="running"} 1.0' in text
    assert "caviar_agents_alive 1.0" in text
    assert "caviar_sync_seconds_count" in text
    assert api.get("/studies/digits")["id"] not in text
