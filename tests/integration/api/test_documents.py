"""A study file's text, read by the service."""

import json

import pytest
from tests.support.api import Api

YAML = "metric: {name: loss, goal: minimize}\nspace:\n  rate: {type: float, low: 1e-4, high: 1}  # four decades\n"
MEANT = {
    "metric": {"name": "loss", "goal": "minimize"},
    "space": {"rate": {"type": "float", "low": 1e-4, "high": 1}},
}


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("yaml", YAML),
        ("toml", '[metric]\nname = "loss"\ngoal = "minimize"\n[space.rate]\ntype = "float"\nlow = 1e-4\nhigh = 1\n'),
        ("json", json.dumps(MEANT)),
    ],
)
def test_a_text_becomes_the_document_that_it_means(api: Api, format_: str, text: str) -> None:
    assert api.post("/documents", {"text": text, "format": format_})["document"] == MEANT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "line 2"),
        ("- 1\n", "a mapping"),
        ("", "a mapping"),
        ("a: .nan\n", "NaN"),
        (f"a: {10**30}\n", "must lie within"),
        ("a: &x 1\nb: *x\n", "line"),
    ],
)
def test_a_text_that_is_no_study_is_refused_with_the_place(api: Api, text: str, said: str) -> None:
    answer = api.call("POST", "/documents", json={"text": text})
    assert answer.status_code == 422
    assert any(said in each["detail"] for each in answer.json()["errors"]), answer.json()
