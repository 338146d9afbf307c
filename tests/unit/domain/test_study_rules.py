"""What one section of a study demands of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.studies import full, least

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidStudy
from caviar.domain.study_rules import placeholders


def mistakes(document):
    with pytest.raises(InvalidStudy) as caught:
        parse_study(document)
    return [(problem.pointer, problem.detail) for problem in caught.value.errors]


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("{lr}", ["lr"]),
        ("--lr={lr},{model.depth}", ["lr", "model.depth"]),
        ("{{lr}}", []),
        ("{{lr}}{lr}", ["lr"]),
        ("{{{lr}}}", []),
        ('{"lr": {lr}, "m": {"n": {n}}}', ["lr", "n"]),
        ("{}", []),
        ("{0} {a b} {a-b} { a}", []),
        ("awk '{print $1}'", []),
        ("", []),
    ],
)
def test_placeholders(argument, named):
    assert placeholders(argument) == named


@given(st.text("{}ab .", max_size=30))
def test_any_argument_has_placeholders_or_none(argument):
    assert all("{" + name + "}" in argument for name in placeholders(argument))


def test_a_command_names_parameters_only():
    command = ["python", "train.py", "{learning_rate} {lerning_rate} {beta2}", "{xyz}", "{{xyz}}"]
    assert mistakes(full(train={"command": command})) == [
        ("/train/command/2", '{lerning_rate} is no parameter. Did you mean "learning_rate"?'),
        ("/train/command/3", "{xyz} is no parameter. For the text itself write {{xyz}}."),
    ]


def test_initial_configurations_lie_in_the_space():
    initial = [
        {"learning_rate": 0.1},
        {},
        {"learning_rate": 2},
        {"optimizer": "adam", "decay": 0.1},
        {"decay": 0.1},
        {"hidden_units": 100, "layers": 4},
        {"hidden_units": 100},
        {"dropout": 0.15},
        {"lerning_rate": 0.1},
        {"learning_rate": "0.1"},
        {"learning_rate": True},
    ]
    found = dict(mistakes(full(search={"initial": initial})))
    assert list(found) == [
        "/search/initial/2/learning_rate",
        "/search/initial/3/decay",
        "/search/initial/5",
        "/search/initial/7/dropout",
        "/search/initial/8/lerning_rate",
        "/search/initial/9/learning_rate",
        "/search/initial/10/learning_rate",
    ]
    assert 'Did you mean "learning_rate"?' in found["/search/initial/8/lerning_rate"]
    assert "hidden_units * layers <= 300" in found["/search/initial/5"]


def test_a_configuration_has_no_more_values_than_a_space_has_parameters():
    assert mistakes(least(search={"initial": [{f"p{index}": 1 for index in range(201)}]})) == [
        ("/search/initial/0", "has more values than a space has parameters")
    ]


def test_points_are_for_numbers_of_the_space():
    points = {"learning_rate": 5, "batch_size": 3, "optimizer": 2, "beta2": 1, "lerning_rate": 4}
    assert mistakes(full(search={"strategy": "grid", "points": points})) == [
        ("/search/points/optimizer", "is for floats and ints: a grid takes every value of this one"),
        ("/search/points/beta2", "is for floats and ints: a grid takes every value of this one"),
        ("/search/points/lerning_rate", 'there is no such parameter. Did you mean "learning_rate"?'),
    ]


def test_a_parameter_that_is_wrong_itself_may_be_named():
    document = full(
        train={"command": ["python", "{learning_rate}"]}, search={"strategy": "grid", "points": {"learning_rate": 3}}
    )
    document["space"]["learning_rate"]["low"] = 5
    assert [at for at, _ in mistakes(document)] == ["/space/learning_rate/high"]


def test_four_ways_at_once_are_told_beside_what_is_wrong_with_each():
    found = [at for at, _ in mistakes(full(train={"function": "x", "builtin": "y", "external": "z"}))]
    assert found == ["/train", "/train/function", "/train/builtin", "/train/external"]
