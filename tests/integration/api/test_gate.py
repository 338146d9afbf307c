"""Hosts, paces, and the pages behind a login."""

from pathlib import Path

from tests.support.api import ADMIN, AGENT, AGENT_ID, Agent, Api, running

from caviar.storage.database import Database

PATHS = ("/livez", "/readyz", "/", "/login", "/login/login.js", "/docs", "/metrics", "/api/v1/studies", "/nothing")


def test_every_path_asks_for_a_host_of_ours(api: Api) -> None:
    for path in PATHS:
        answer = api.client.get(path, headers={"Host": "evil.example", "Authorization": f"Bearer {ADMIN}"})
        assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")
        assert "access-control-allow-origin" not in answer.headers


def test_a_token_has_its_pace_and_agents_have_none(database: Database, tmp_path: Path) -> None:
    with running(database, tmp_path / "data", requests_per_minute=5) as api:
        statuses = [api.call("GET", "/session").status_code for _ in range(40)]
        assert set(statuses) == {200, 429}
        limited = api.refused("GET", "/session")
        assert limited["code"] == "too_many_requests"
        assert 1 <= int(api.call("GET", "/session").headers["retry-after"]) <= 60
        agent = Agent(api)
        for _ in range(20):
            body = agent.request()
            assert api.call("POST", f"/agents/{AGENT_ID}/sync", token=AGENT, json=body).status_code == 200
        assert api.call("GET", "/livez").status_code == 200


def test_failed_tries_are_slowed_and_good_tokens_are_not(database: Database, tmp_path: Path) -> None:
    with running(database, tmp_path / "data", failures_per_minute=3, failure_delay_seconds=0.0) as api:
        statuses = [api.call("GET", "/meta", token=f"cav_guess-{number}").status_code for number in range(30)]
        assert set(statuses) == {401, 429}
        ours = {"Caviar-Csrf": "1", "Sec-Fetch-Site": "same-origin"}
        codes = [api.client.post("/login", json={"code": "x"}, headers=ours).status_code for _ in range(5)]
        assert 429 in codes
        assert api.call("GET", "/meta").status_code == 200
        without = [api.call("GET", "/meta", token=None).status_code for _ in range(5)]
        assert set(without) == {401}


def test_the_documentation_needs_a_login_and_no_network(api: Api) -> None:
    for path in ("/docs", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"):
        assert api.client.get(path).status_code == 401
        found = api.client.get(path, headers={"Authorization": f"Bearer {ADMIN}"})
        assert found.status_code == 200
    page = api.client.get("/docs", headers={"Authorization": f"Bearer {ADMIN}"}).text
    assert "http" not in page.replace("html", "")
    assert "<script>" not in page
    assert api.client.get("/docs/core.py", headers={"Authorization": f"Bearer {ADMIN}"}).status_code == 422


def test_a_person_without_a_session_is_led_to_the_login(api: Api) -> None:
    answer = api.client.get("/docs", headers={"Sec-Fetch-Mode": "navigate"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
