"""A browser's session: a link that opens once, a cookie, requests from our own pages alone."""

import threading
from collections import Counter
from typing import Any

import httpx2
import pytest
from tests.support.api import AGENT, Api

OURS = {"Caviar-Csrf": "1", "Sec-Fetch-Site": "same-origin"}


def link(api: Api, **how: Any) -> str:
    return api.post("/login-links", {}, **how)["path"].partition("#")[2]


def login(api: Api, code: str, **headers: str) -> httpx2.Response:
    return api.client.post("/login", json={"code": code}, headers=headers or OURS)


def by_cookie(api: Api, method: str, path: str, **how: Any) -> httpx2.Response:
    """The test client keeps the cookie as a browser does."""
    return api.call(method, path, token=None, headers={**OURS, **how.pop("headers", {})}, **how)


@pytest.fixture
def session(api: Api) -> Api:
    assert login(api, link(api)).status_code == 204
    return api


def test_a_link_opens_a_session_once(api: Api) -> None:
    code = link(api)
    answer = login(api, code)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    shown = by_cookie(api, "GET", "/session").json()
    assert (shown["kind"], shown["role"], shown["name"]) == ("session", "admin", "first admin")
    assert by_cookie(api, "GET", "/studies").status_code == 200
    assert api.refused("GET", "/studies", token="cav_wrong")["status"] == 401
    again = login(api, code)
    assert (again.status_code, again.json()["code"]) == (401, "unauthorized")


def test_over_tls_the_cookie_is_for_tls_alone(api: Api) -> None:
    api.client.base_url = httpx2.URL("https://testserver")
    cookie = login(api, link(api)).headers["set-cookie"]
    assert cookie.startswith("__Host-caviar_session_")
    assert cookie.endswith("; Secure")


def test_of_many_who_bring_one_code_one_gets_in(api: Api) -> None:
    code, found = link(api), []

    def bring() -> None:
        found.append(api.client.post("/login", json={"code": code}, headers=OURS).status_code)

    threads = [threading.Thread(target=bring) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert Counter(found) == {204: 1, 401: 7}


def test_a_link_gets_old(api: Api) -> None:
    code = link(api)
    api.clock.now += 901
    assert login(api, code).status_code == 401


def test_a_session_ends_by_time_by_logout_and_with_its_token(api: Api) -> None:
    api.clock.now += 1
    login(api, link(api))
    api.clock.now += 7 * 86_400 + 1
    api.service.authenticator.forget()
    assert by_cookie(api, "GET", "/session").status_code == 401
    login(api, link(api))
    gone = by_cookie(api, "DELETE", "/session")
    assert (gone.status_code, "Max-Age=0" in gone.headers["set-cookie"]) == (204, True)
    assert by_cookie(api, "GET", "/session").status_code == 401
    token = api.post("/tokens", {"name": "guest", "role": "viewer", "expires_in": 60})
    login(api, link(api, token=token["secret"]))
    assert by_cookie(api, "GET", "/session").json()["expires_at"] == token["expires_at"]
    assert api.call("DELETE", f"/tokens/{token['id']}").status_code == 204
    assert by_cookie(api, "GET", "/session").status_code == 401


def test_a_cookie_that_was_logged_out_is_worth_nothing(session: Api) -> None:
    kept = dict(session.client.cookies)
    by_cookie(session, "DELETE", "/session")
    session.client.cookies.update(kept)
    assert by_cookie(session, "GET", "/studies").status_code == 401


def test_a_session_reaches_no_further_than_its_token(api: Api) -> None:
    viewer = api.post("/tokens", {"name": "guest", "role": "viewer"})["secret"]
    assert api.refused("POST", "/login-links", json={"role": "admin"}, token=viewer)["code"] == "forbidden"
    assert api.refused("POST", "/login-links", json={"role": "agent"})["code"] == "forbidden"
    assert api.refused("POST", "/login-links", json={}, token=AGENT)["code"] == "forbidden"
    made = api.post("/login-links", {"role": "viewer"})
    assert made["role"] == "viewer"
    login(api, made["path"].partition("#")[2])
    assert by_cookie(api, "GET", "/studies").status_code == 200
    assert by_cookie(api, "GET", "/tokens").status_code == 403
    assert by_cookie(api, "POST", "/login-links", json={"role": "submitter"}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Caviar-Csrf": "1", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Caviar-Csrf": "1", "Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Caviar-Csrf": "1"}, False),
        ({"Caviar-Csrf": "1", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Caviar-Csrf": "1", "Sec-Fetch-Site": "same-site"}, False),
        ({"Caviar-Csrf": "1", "Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}, False),
        ({"Caviar-Csrf": "1", "Origin": "http://testserver:8080"}, False),
        ({"Caviar-Csrf": "1", "Origin": "null"}, False),
        ({"Caviar-Csrf": "1", "Origin": "http://testserver.evil.example"}, False),
    ],
)
def test_what_a_cookie_changes_comes_from_our_own_pages(session: Api, headers: dict[str, str], allowed: bool) -> None:
    answer = session.call("POST", "/login-links", token=None, headers=headers, json={})
    assert answer.status_code == (201 if allowed else 403)
    assert allowed or answer.json()["code"] == "cross_site"
    code = link(session)
    assert login(session, code, **headers).status_code == (204 if allowed else 403)


def test_other_sites_read_nothing_by_a_cookie(session: Api) -> None:
    for site, status in (("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403)):
        answer = session.call("GET", "/studies", token=None, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status


def test_answers_tell_the_browser_to_run_nothing_strange(api: Api) -> None:
    for path in ("/livez", "/login", "/login/login.js", "/api/v1/studies", "/api/v1/nothing"):
        headers = api.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"


def test_the_root_leads_to_the_dashboard_and_the_login_page_says_how(api: Api) -> None:
    assert api.client.get("/").headers["content-type"].startswith("text/html")
    page = api.client.get("/login")
    assert "caviar login-link" in page.text
    assert "<script>" not in page.text
    assert "onclick" not in page.text
    assert api.client.get("/login/login.js").status_code == 200
    for path in ("/login/../app.py", "/login/%2e%2e/app.py", "/login/..%2fapp.py", "/dashboard/%2e%2e/api/app.py"):
        assert api.client.get(path).status_code in (401, 404, 422)
