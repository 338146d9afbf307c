"""Tokens: made, used, renewed, expired, revoked."""

import re
from pathlib import Path

from tests.support.api import ADMIN, Api, running

from caviar.api.secret_text import is_damaged, new_token, sha256_of
from caviar.api.startup import AGENT_FILE, ensure_tokens
from caviar.storage import tokens
from caviar.storage.database import Database


def test_a_token_is_random_and_knows_a_slip(api: Api) -> None:
    token = new_token()
    assert re.fullmatch(r"cav_[0-9A-Za-z]{49}", token)
    assert token != new_token()
    assert not is_damaged(token)
    for index in range(4, len(token)):
        swapped = "b" if token[index] == "a" else "a"
        assert is_damaged(token[:index] + swapped + token[index + 1 :])
    damaged = token[:-1] + ("b" if token[-1] == "a" else "a")
    assert "damaged" in api.refused("GET", "/meta", token=damaged)["detail"]


def test_tokens_are_made_shown_once_and_revoked(api: Api) -> None:
    made = api.post("/tokens", {"name": "ci", "role": "agent"})
    assert not is_damaged(made["secret"])
    assert (made["expires_at"], made["last_used_at"], made["revoked_at"]) == (None, None, None)
    listed = api.get("/tokens")["items"]
    assert [each["name"] for each in listed] == ["first admin", "agents", "ci"]
    assert made["secret"] not in str(listed)
    assert sha256_of(made["secret"]) not in str(listed)
    assert api.call("GET", "/meta", token=made["secret"]).status_code == 200
    assert api.call("DELETE", f"/tokens/{made['id']}").status_code == 204
    assert api.refused("GET", "/meta", token=made["secret"])["status"] == 401
    assert api.refused("DELETE", f"/tokens/{made['id']}")["code"] == "not_found"
    assert api.refused("POST", f"/tokens/{made['id']}/rotate", json={})["code"] == "not_found"
    assert api.refused("POST", "/tokens", json={"name": "x", "role": "king"})["errors"][0]["pointer"] == "/role"


def test_the_database_holds_no_secret(api: Api) -> None:
    made = api.post("/tokens", {"name": "ci", "role": "viewer"})
    with api.service.read() as snapshot:
        stored = tokens.by_sha256(snapshot, sha256_of(made["secret"]))
    assert stored is not None
    assert made["secret"] not in str(stored)


def test_the_last_admin_token_stays(api: Api) -> None:
    mine = api.get("/tokens")["items"][0]
    api.post("/tokens", {"name": "spent", "role": "admin", "expires_in": 1})
    api.clock.now += 2
    assert api.refused("DELETE", f"/tokens/{mine['id']}")["code"] == "last_admin"
    api.post("/tokens", {"name": "second", "role": "admin"})
    assert api.call("DELETE", f"/tokens/{mine['id']}").status_code == 204


def test_a_renewed_token_has_another_secret_and_its_old_span(api: Api) -> None:
    made = api.post("/tokens", {"name": "ci", "role": "viewer", "expires_in": 1_000})
    api.clock.now += 900
    renewed = api.post(f"/tokens/{made['id']}/rotate")
    assert (renewed["id"], renewed["role"]) == (made["id"], "viewer")
    assert renewed["expires_at"] > made["expires_at"]
    assert api.refused("GET", "/meta", token=made["secret"])["status"] == 401
    api.clock.now += 500
    api.service.authenticator.forget()
    assert api.call("GET", "/meta", token=renewed["secret"]).status_code == 200
    again = api.post(f"/tokens/{made['id']}/rotate", {"expires_in": 5})
    api.clock.now += 6
    api.service.authenticator.forget()
    assert api.refused("GET", "/meta", token=again["secret"])["status"] == 401


def test_the_last_use_is_written_once_a_minute_and_goes_only_forward(api: Api) -> None:
    made = api.post("/tokens", {"name": "ci", "role": "viewer"})
    for _ in range(3):
        api.call("GET", "/meta", token=made["secret"])
    assert api.get("/tokens")["items"][-1]["last_used_at"] is None
    api.service.authenticator.write_uses(api.clock())
    used = api.get("/tokens")["items"][-1]["last_used_at"]
    assert used == made["created_at"]
    with api.service.work() as work:
        tokens.note_uses(work.tx, {made["id"]: api.clock() - 5})
    assert api.get("/tokens")["items"][-1]["last_used_at"] == used


def test_the_folder_s_token_is_renewed_in_its_file(database: Database, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with running(database, tmp_path / "data", agent_token=None) as api:
        file = tmp_path / "data" / AGENT_FILE
        old = file.read_text().strip()
        token = next(each for each in api.get("/tokens")["items"] if each["role"] == "agent")
        renewed = api.post(f"/tokens/{token['id']}/rotate")["secret"]
        assert file.read_text().strip() == renewed != old
        assert file.stat().st_mode & 0o777 == 0o600
        api.call("DELETE", f"/tokens/{token['id']}")
        ensure_tokens(api.service.settings, api.service.engine, api.clock())
        third = file.read_text().strip()
        assert third != renewed
        assert api.call("GET", "/session", token=third).json()["role"] == "agent"
        assert api.call("GET", "/session", token=ADMIN).json()["name"] == "first admin"
