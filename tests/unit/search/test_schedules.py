"""Rules of a schedule: when they fire, and what they change."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidStudy
from caviar.domain.parameters import Choice, Float, Int
from caviar.domain.schedule import ScheduleRule
from caviar.domain.space import Space
from caviar.search.schedules import Progress, changes, due

SPACE = Space(
    {"lr": Float(1e-4, 1.0, scale="log"), "units": Int(1, 9, step=2), "kind": Choice(["a", "b"])},
    ["lr * units <= 5"],
)
PARAMS = {"lr": 0.1, "units": 5, "kind": "a"}


def rule(**document: Any) -> ScheduleRule:
    return ScheduleRule.model_validate(document)


def firings(rules: list[ScheduleRule], losses: list[float | None]) -> list[tuple[int, int]]:
    """(step, rule) for a loss a step, from 1."""
    progress, found = Progress(), []
    for step, loss in enumerate(losses, 1):
        progress.report(step, loss)
        for index in due(rules, progress):
            progress.fired.setdefault(index, []).append(step)
            found.append((step, index))
    return found


def test_at_a_step_it_fires_once() -> None:
    at_three = rule(when={"step": 3}, set={"kind": "b"})
    assert firings([at_three], [0.1] * 6) == [(3, 0)]


def test_on_a_plateau_it_fires_after_so_many_steps_without_improvement_and_again_after_as_many() -> None:
    flat = rule(when={"plateau": 2}, multiply={"lr": 0.3})
    assert firings([flat], [0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.3, 0.3, None]) == [(4, 0), (6, 0), (9, 0)]
    assert firings([rule(when={"plateau": 2}, multiply={"lr": 0.3}, times=1)], [0.5] * 9) == [(3, 0)]


@given(st.lists(st.floats(0, 1), max_size=40))
def test_what_always_improves_is_left_alone(steps: list[float]) -> None:
    falling = sorted(set(steps), reverse=True)
    assert firings([rule(when={"plateau": 2}, multiply={"lr": 0.3})], list(falling)) == []


@given(st.floats(0.01, 100.0), st.integers(1, 12))
def test_what_a_rule_makes_is_a_configuration_of_the_space(factor: float, times: int) -> None:
    params: dict[str, Any] = dict(PARAMS)
    change = rule(when={"plateau": 1}, multiply={"lr": factor, "units": factor})
    for _ in range(times):
        params |= changes(change, params, SPACE)
        assert not SPACE.check(params)


def test_at_its_bound_a_parameter_stays_and_a_constraint_is_kept() -> None:
    assert changes(rule(when={"step": 1}, multiply={"lr": 0.3}), {**PARAMS, "lr": 1e-4}, SPACE) == {}
    assert changes(rule(when={"step": 1}, set={"units": 9, "lr": 1.0}), PARAMS, SPACE) == {}
    assert changes(rule(when={"step": 1}, set={"kind": "b"}), PARAMS, SPACE) == {"kind": "b"}


@pytest.mark.parametrize(
    ("given_rule", "pointer"),
    [
        ({"when": {"step": 3}, "multiply": {"rate": 0.3}}, "/rules/0/multiply/rate"),
        ({"when": {"step": 3}, "multiply": {"kind": 0.3}}, "/rules/0/multiply/kind"),
        ({"when": {"step": 3, "plateau": 1}, "set": {"lr": 0.3}}, "/rules/0/when"),
        ({"when": {"step": 3}}, "/rules/0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_pointed_at(given_rule: dict[str, Any], pointer: str) -> None:
    space = {"lr": {"type": "float", "low": 0.1, "high": 1}, "kind": {"type": "choice", "values": ["a", "b"]}}
    document = {"metric": "loss", "train": {"external": True}, "space": space, "rules": [given_rule]}
    with pytest.raises(InvalidStudy) as refused:
        parse_study(document)
    assert [problem.pointer for problem in refused.value.errors] == [pointer]
