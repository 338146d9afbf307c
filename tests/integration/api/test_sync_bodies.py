"""What an agent's body may not be: refused with 422 and a pointer, whole, and nothing of it is applied."""

import json
from typing import Any

import pytest
from tests.support.api import AGENT, AGENT_ID, Agent, Api

HEAD = '"incarnation": "0001", "number": 900'


def body_with(**fields: str) -> bytes:
    """A sync with one event, each of whose fields is JSON as it is to be written."""
    event = {
        "kind": '"report"',
        "attempt": '"a"',
        "seq": "1",
        "at": "1",
        "step": "1",
        "metrics": '{"loss": 1}',
        **fields,
    }
    return f'{{{HEAD}, "events": [{{{", ".join(f"{json.dumps(k)}: {v}" for k, v in event.items())}}}]}}'.encode()


def refusal(api: Api, body: bytes) -> list[dict[str, str]]:
    path = f"/agents/{AGENT_ID}/sync"
    problem = api.refused("POST", path, token=AGENT, content=body, headers={"Content-Type": "application/json"})
    assert problem["status"] == 422, problem
    return problem["errors"]


REFUSED = {
    "a key twice": (f'{{{HEAD}, "number": 901}}'.encode(), "/number"),
    "a key twice in an event": (body_with(metrics='{"loss": 1, "loss": 2}'), "/events/0/metrics/loss"),
    "a key twice by another spelling": (f'{{{HEAD}, "numb\\u0065r": 901}}'.encode(), "/number"),
    "a key twice behind an escaped colon": (
        f'{{{HEAD}, "number": 901, "store": "\\u003a\\u003A"}}'.encode(),
        "/number",
    ),
    "an unknown key twice": (f'{{{HEAD}, "new": {{"x": 1, "x": 1}}}}'.encode(), "/new/x"),
    "a NUL": (body_with(metrics='{"loss": 1}', attempt='"a\\u0000"'), "/events/0/attempt"),
    "a NUL in a key": (body_with(metrics='{"lo\\u0000": 1}'), "/events/0/metrics"),
    "a NUL in output": (body_with(kind='"log"', text='"a\\u0000b"'), "/events/0/text"),
    "a control": (body_with(kind='"failed"', code='"signal"', message='"\\u001b[2J"'), "/events/0/message"),
    "a control by its letter": (f'{{{HEAD}, "store": "\\b"}}'.encode(), "/store"),
    "a control as it is": (f'{{{HEAD}, "store": "\x7f"}}'.encode(), "/store"),
    "half a surrogate pair": (body_with(metrics='{"a\\ud800": 1}'), "/events/0/metrics"),
    "NaN": (body_with(metrics='{"loss": NaN}'), "/events/0/metrics/loss"),
    "NaN where nobody looks": (f'{{{HEAD}, "new": NaN}}'.encode(), "/new"),
    "Infinity": (body_with(step="-Infinity"), "/events/0/step"),
    "too large a number": (body_with(metrics='{"loss": 1e400}'), "/events/0/metrics/loss"),
    "NaN as a text where it is none": (body_with(step='"NaN"'), "/events/0/step"),
    "infinity by another name": (
        body_with(metrics='{"loss": "inf"}'),
        "/events/0/metrics/loss",
    ),
    "a number below zero": (body_with(seq="-1"), "/events/0/seq"),
    "a number that no column holds": (body_with(seq=str(2**70)), "/events/0/seq"),
    "a time that no calendar has": (body_with(at="1e300"), "/events/0/at"),
    "a text that no column holds": (f'{{"incarnation": "{"x" * 65}", "number": 900}}'.encode(), "/incarnation"),
    "not UTF-8": (f'{{{HEAD}, "store": "'.encode() + b'\xff"}', ""),
    "nested deep": (b"[" * 100_000, ""),
    "half": (b'{"incarnation": "0001"', ""),
    "nothing": (b"", ""),
    "a list": (b"[]", ""),
}


@pytest.mark.parametrize(("body", "at"), REFUSED.values(), ids=REFUSED)
def test_a_sync_that_breaks_the_rules_is_422_and_says_where(api: Api, body: bytes, at: str) -> None:
    errors = refusal(api, body)
    assert errors[0]["pointer"].startswith(at), errors
    assert bool(errors[0]["pointer"]) == bool(at)
    assert api.get("/agents")["items"] == []


def test_output_may_hold_what_steers_a_terminal_and_colons_as_it_likes(api: Api, agent: Agent) -> None:
    api.submit()
    [first, *_] = agent.sync()["assignments"]
    said = 'loss: {"a": 1}\r\x1b[2K\x08: \x0c done'
    agent.sync([agent.event(first, "started"), agent.event(first, "log", text=said)])
    trial = api.get(f"/studies/digits/trials/{first['number']}")["id"]
    assert said in api.call("GET", f"/trials/{trial}/logs").content.decode()


STRANGE: list[dict[str, Any]] = [
    {"held": ["no-uuid", "' OR 1=1 --", ""]},
    {"events": [{"kind": "returned", "attempt": "no-uuid", "seq": 1, "at": 1}]},
    {"removed": [{"id": "no-uuid"}]},
    {"nodes": [{"id": "n" * 5_000, "host": "h" * 5_000, "total": {"cpus": -1}, "free": {"cpus": 1e308}}]},
    {"store": "x" * 100_000},
]


@pytest.mark.parametrize("fields", STRANGE, ids=lambda fields: next(iter(fields)))
def test_ids_that_are_none_and_texts_of_any_length_break_nothing(
    api: Api, agent: Agent, fields: dict[str, Any]
) -> None:
    api.submit()
    answer = api.call("POST", f"/agents/{AGENT_ID}/sync", token=AGENT, json=agent.request() | fields)
    assert answer.status_code in (200, 422), answer.text
    assert api.call("GET", f"/agents/{AGENT_ID}").status_code in (200, 404)
