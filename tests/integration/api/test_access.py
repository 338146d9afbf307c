"""Who may do what: a token on everything, a role on every route."""

from tests.support.api import ADMIN, AGENT, AGENT_ID, Agent, Api


def test_without_a_token_nothing_is_answered(api: Api) -> None:
    for token in (None, "cav_wrong", "x" * 10_000):
        answer = api.call("GET", "/nothing", token=token)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert api.call("GET", "/livez", token=None).json() == {"status": "alive"}
    assert api.call("GET", "/readyz", token=None).json() == {"status": "ready"}


def test_the_scheme_is_bearer(api: Api) -> None:
    for value in (ADMIN, f"Basic {ADMIN}", "Bearer", "Bearer "):
        assert api.refused("GET", "/meta", token=None, headers={"Authorization": value})["status"] == 401
    answer = api.call("GET", "/meta", token=None, headers={"Authorization": f"bearer {ADMIN}"})
    assert answer.json()["api"] == "v1"


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
    detail = api.get(f"/agents/{AGENT_ID}")
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
