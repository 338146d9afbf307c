"""Secrets that must not be found anywhere: in logs, errors, answers, the database, or what a trial is given."""

import logging
from typing import Any

import pytest
from sqlalchemy import select
from tests.support.api import ADMIN, AGENT, Agent, Api

from caviar.storage.tables import metadata

OURS = {"Caviar-Csrf": "1", "Sec-Fetch-Site": "same-origin"}
TYPED = "cav_typed-wrong-by-a-person-and-still-a-secret"


def filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def everything_readable(api: Api) -> str:
    """Every GET of the description, with the admin's rights."""
    trial = api.get("/studies/digits/trials/0")["id"]
    names = {"study": "digits", "number": "0", "trial": trial, "agent": api.get("/agents")["items"][0]["id"]}
    told = []
    for path, methods in api.get("/openapi.json")["paths"].items():
        if "get" in methods and not path.endswith("/events"):
            told.append(api.call("GET", filled(path, names)).text)
    return "\n".join(told)


def everything_stored(api: Api) -> str:
    with api.service.read() as snapshot:
        rows = [snapshot.connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return "\n".join(str(row) for table in rows for row in table)


def mistakes(api: Api, secrets: dict[str, str]) -> str:
    """Errors of each kind, with the secrets in the requests."""
    told = [api.call("GET", "/studies", token=TYPED), api.call("GET", "/tokens", token=secrets["viewer"])]
    told += [api.call("POST", "/studies", json={"name": 3}), api.call("POST", "/tokens", content=b"{")]
    told += [api.client.post("/login", json={"code": secrets["code"]}, headers=OURS) for _ in range(2)]
    told.append(api.call("GET", "/nothing", headers={"X-Forwarded-For": secrets["viewer"]}))
    return "\n".join(answer.text for answer in told[:-2]) + told[-1].text


def test_no_secret_is_found_anywhere(api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {
        "viewer": api.post("/tokens", {"name": "guest", "role": "viewer"})["secret"],
        "code": api.post("/login-links", {})["path"].partition("#")[2],
    }
    api.submit()
    agent = Agent(api)
    agent.run(3)
    assignments = str(agent.sync())
    told = mistakes(api, secrets)
    cookies = [value for value in api.client.cookies.values() if value]
    assert len(cookies) == 1
    found = "\n".join((everything_readable(api), everything_stored(api), told, assignments))
    monkeypatch.setattr("caviar.api.studies.list_studies", lambda *_, **__: 1 / 0)
    found += api.call("GET", "/studies").text + caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "digits" in found
    for secret in (ADMIN, AGENT, TYPED, *secrets.values(), *cookies):
        assert secret not in found
