from typing import Any

import pytest

from caviar.domain.document import parse_study
from caviar.insights.advice import advice


def codes(space: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    document = {"metric": {"name": "loss"}, "train": {"external": True}, "space": space, **changes}
    return [(each.pointer, each.code) for each in advice(parse_study(document))]


def floating(low: float, high: float, **more: Any) -> dict[str, Any]:
    return {"type": "float", "low": low, "high": high, **more}


@pytest.mark.parametrize(
    ("name", "parameter", "code"),
    [
        ("lr", floating(1e-4, 1.0), "many_decades"),
        ("lr", floating(1e-4, 1.0, scale="log"), None),
        ("lr", floating(0.1, 1.0), None),
        ("lr", floating(0.0, 1.0), "linear_from_zero"),
        ("dropout", floating(0.0, 0.6, step=0.1), None),
        ("dropout", floating(0.0, 0.6), None),
        ("momentum", floating(0.9, 0.999), "near_one"),
        ("momentum", floating(0.0, 0.99), "near_one"),
        ("momentum", floating(0.9, 0.999, scale="one_minus_log"), None),
        ("keep", floating(0.85, 0.999), "near_one"),
        ("units", {"type": "int", "low": 1, "high": 10_000}, "many_decades"),
        ("beta1", floating(0.5, 0.9), "seldom_matters"),
        ("batch", {"type": "choice", "values": [16, 32, 64]}, "numbers_without_order"),
        ("batch", {"type": "choice", "values": [16, 32, 64], "ordered": True}, None),
        ("optimizer", {"type": "choice", "values": ["sgd", "adam", "lion"]}, None),
        ("flag", {"type": "choice", "values": [True, False, None]}, None),
        ("beta2", {"type": "constant", "value": 0.999}, None),
    ],
)
def test_scales(name: str, parameter: dict[str, Any], code: str | None) -> None:
    other = {"free": floating(0.0, 1.0)}
    assert codes({name: parameter, **other}) == ([] if code is None else [(f"/space/{name}", code)])


def test_a_grid_that_the_budget_does_not_reach() -> None:
    space = {name: floating(0.0, 1.0) for name in "abcd"}
    assert codes(space, search={"strategy": "grid"}) == [("/search/strategy", "grid_too_large")]
    assert codes(space, search={"strategy": "grid", "points": dict.fromkeys("abcd", 3)}) == []
    assert codes(space) == []


@pytest.mark.parametrize(
    ("constraint", "code"),
    [
        ("a + b <= 1", None),
        ("a * b <= 0.001", "leaves_little"),
        ("a + b <= 0.000001", "leaves_nothing"),
        ("a + b <= 3", "excludes_nothing"),
    ],
)
def test_constraints_that_leave_little_or_everything(constraint: str, code: str | None) -> None:
    space = {"a": floating(0.0, 1.0), "b": floating(0.0, 1.0)}
    assert codes(space, constraints=[constraint]) == ([] if code is None else [("/constraints", code)])


def test_a_space_smaller_than_the_budget() -> None:
    space = {"a": {"type": "int", "low": 1, "high": 5}}
    assert codes(space) == [("/budget/trials", "small_space")]
    assert codes(space, budget={"trials": 5}) == []


@pytest.mark.parametrize(
    ("train", "found"),
    [
        ({"builtin": "mlp", "options": {"checkpoint_epochs": 1}}, []),
        ({"builtin": "mlp"}, [("/stopping/mode", "promotion_restarts")]),
        ({"command": ["train"]}, [("/stopping/mode", "promotion_restarts")]),
        ({"external": True}, []),
    ],
)
def test_promotion_without_checkpoints_is_warned_of_before_it_begins(
    train: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    stopping = {"rule": "asha", "mode": "promotion"}
    assert codes({"x": floating(0.1, 1.0)}, train=train, stopping=stopping) == found


def test_a_population_without_checkpoints_is_warned_of_too() -> None:
    found = codes({"x": floating(0.1, 1.0)}, train={"builtin": "mlp"}, search={"strategy": "pbt"})
    assert found == [("/search/strategy", "pbt_without_checkpoints")]
