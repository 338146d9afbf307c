import json

import pytest
from tests.unit.cli.conftest import Serve
from tests.unit.client.fake import FakeService, answer

from caviar.cli.main import main
from caviar.cli.tokens import seconds_of
from caviar.domain.errors import InvalidInput

TOKEN = {
    "id": "t1",
    "name": "ci",
    "role": "viewer",
    "created_at": "2026-01-01T00:00:00.000000Z",
    "expires_at": "2026-04-01T00:00:00.000000Z",
    "last_used_at": None,
    "revoked_at": None,
}


def test_a_made_token_goes_alone_to_standard_output(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    service = serve(FakeService({"POST /api/v1/tokens": answer({**TOKEN, "secret": "cav_new"}, 201)}))
    assert main(["token", "create", "ci", "--role", "viewer", "--expires", "90d"]) == 0
    said = capsys.readouterr()
    assert said.out == "cav_new\n"
    assert "viewer, until 2026-04-01 00:00 UTC" in said.err
    assert json.loads(service.requests[0].content) == {"name": "ci", "role": "viewer", "expires_in": 90 * 86_400}
    assert "idempotency-key" not in service.requests[0].headers


def test_a_renewed_token_is_shown_likewise(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    service = serve(FakeService({"POST /api/v1/tokens/t1/rotate": answer({**TOKEN, "secret": "cav_next"})}))
    assert main(["token", "rotate", "t1"]) == 0
    assert capsys.readouterr().out == "cav_next\n"
    assert json.loads(service.requests[0].content) == {}


def test_tokens_are_listed_with_their_end_and_last_use(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve(FakeService({"GET /api/v1/tokens": answer({"items": [TOKEN]})}))
    assert main(["token", "ls", "-o", "json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert shown["expires_at"].startswith("2026-04-01")
    assert "secret" not in shown


def test_a_login_link_is_a_url_of_the_service(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    made = answer({"path": "/login#code", "role": "viewer", "expires_at": "2026-01-01T00:00:00Z"}, 201)
    service = serve(FakeService({"POST /api/v1/login-links": made}))
    assert main(["login-link", "--role", "viewer"]) == 0
    assert capsys.readouterr().out == "http://caviar.test/login#code\n"
    assert json.loads(service.requests[0].content) == {"role": "viewer"}


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45), ("30m", 1_800), ("12h", 43_200), ("90d", 7_776_000)])
def test_times_are_written_short(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "1.5h", "1w", "9999999d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        seconds_of(text)
