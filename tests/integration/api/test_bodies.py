"""What a body may not be: each is refused with 422, whole, and changes nothing."""

import json
from typing import Any

import pytest
from tests.support.api import Api, study_document
from tests.support.hostile_text import FORBIDDEN, SCRIPTS, UNCOUTH

NOT_JSON = {
    "NaN": b'{"step": 1, "metrics": {"loss": NaN}}',
    "Infinity": b'{"step": 1, "metrics": {"loss": Infinity}}',
    "minus Infinity": b'{"step": -Infinity, "metrics": {"loss": 1}}',
    "too large a number": b'{"step": 1, "metrics": {"loss": 1e400}}',
    "a huge integer": b'{"step": 1, "metrics": {"loss": ' + b"9" * 5_000 + b"}}",
    "a key twice": b'{"step": 1, "step": 2, "metrics": {"loss": 1}}',
    "a key twice inside": b'{"step": 1, "metrics": {"loss": 1, "loss": 2}}',
    "a key twice by another spelling": b'{"step": 1, "st\\u0065p": 2, "metrics": {"loss": 1}}',
    "an unknown key": b'{"step": 1, "metrics": {"loss": 1}, "more": 1}',
    "a text for a number": b'{"step": "1", "metrics": {"loss": 1}}',
    "a truth for a number": b'{"step": true, "metrics": {"loss": 1}}',
    "half a surrogate pair": b'{"step": 1, "metrics": {"\\ud800": 1}}',
    "a NUL": b'{"step": 1, "metrics": {"a\\u0000": 1}}',
    "a control": b'{"step": 1, "metrics": {"a\\u001b[2J": 1}}',
    "not UTF-8": b'{"step": 1, "metrics": {"\xff": 1}}',
    "UTF-16": '{"step": 1, "metrics": {"loss": 1}}'.encode("utf-16"),
    "nested deep": b"[" * 100_000,
    "nothing": b"",
    "half": b'{"step": 1, "metrics": {"loss"',
    "another form": b"step=1&metrics=loss",
    "a tail": b'{"step": 1, "metrics": {"loss": 1}} {}',
}


@pytest.fixture
def trial(api: Api) -> str:
    api.submit(train={"external": True})
    return api.post("/studies/digits/ask", {})["items"][0]["id"]


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_that_breaks_the_rules_is_422(api: Api, trial: str, body: bytes) -> None:
    problem = api.refused("POST", f"/trials/{trial}/report", content=body, headers={"Content-Type": "application/json"})
    assert problem["status"] == 422, problem
    assert api.get(f"/trials/{trial}/metrics")["step"] == []


def test_texts_with_controls_are_refused_in_every_field(api: Api, trial: str) -> None:
    for text in FORBIDDEN:
        bodies: list[tuple[str, Any]] = [
            ("/tokens", {"name": text, "role": "viewer"}),
            ("/studies/digits/ask", {"client": text}),
            ("/studies/digits/trials", {"params": {text: 1}}),
            ("/studies", study_document(name=text)),
            (f"/trials/{trial}/complete", {"failed": {"code": "mine", "message": text}}),
            (f"/trials/{trial}/report", {"step": 1, "metrics": {text: 1.0}}),
        ]
        for path, body in bodies:
            content = json.dumps(body)
            headers = {"Content-Type": "application/json"}
            problem = api.refused("POST", path, content=content, headers=headers)
            assert problem["status"] == 422, (path, text, problem)


def test_hostile_texts_come_back_as_they_are_in_json_alone(api: Api) -> None:
    for text in (*SCRIPTS, *UNCOUTH):
        made = api.call("POST", "/tokens", json={"name": text[:200], "role": "viewer"})
        assert made.status_code == 201, text
        assert made.json()["name"] == text[:200]
    answer = api.call("GET", "/tokens")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_limit_is_413_before_it_is_read(api: Api, trial: str, announced: bool) -> None:
    read = [0]

    def endless() -> Any:
        while read[0] < 64 * 2**20:
            read[0] += 2**16
            yield b" " * 2**16

    body = b" " * (2**20 + 1) if announced else endless()
    answer = api.call("POST", f"/trials/{trial}/report", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
