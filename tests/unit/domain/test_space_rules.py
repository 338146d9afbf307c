"""Every mistake of a space, told at once and where it stands."""

import pytest

from caviar.domain.errors import InvalidInput
from caviar.domain.parameters import Choice, Constant, Float, Int
from caviar.domain.space import Space
from caviar.domain.space_rules import constraint_problems, parameter_problems, space_problems


def told(parameters, constraints=(), broken=()):
    return {problem.pointer: problem.detail for problem in space_problems(parameters, constraints, broken)}


def chain(length):
    """p0 ← p1 ← ... ← p(length)."""
    return {"p0": Int(0, 1)} | {f"p{n}": Int(0, 1, when={f"p{n - 1}": [1]}) for n in range(1, length + 1)}


def test_everything_is_told_at_once():
    parameters = {
        "a b": Int(1, 2, when={"optimiser": ["sgd"], "rate": [1.0]}),
        "optimizer": Choice(["sgd", "adam"]),
        "rate": Float(0, 1),
        "beta": Float(0, 1, when={"optimizer": ["adma", "sgd", 1]}),
        "x": Int(0, 9, when={"y": [1]}),
        "y": Int(0, 9, when={"x": [1, 10, True]}),
    }
    found = told(parameters, ["x < lerate", "x <", 3, "x < y"])
    assert found == {
        "/a b": "is not a name: a letter or _ first, then letters, digits, _ and .",
        "/a b/when/optimiser": 'there is no such parameter. Did you mean "optimizer"?',
        "/a b/when/rate": "is a float: a condition needs a choice, an int or a constant",
        "/beta/when/optimizer/0": 'must be one of "sgd", "adam", not "adma"',
        "/beta/when/optimizer/2": 'must be one of "sgd", "adam", not 1',
        "/y/when/x/1": "must lie between 0 and 9, not 10",
        "/y/when/x/2": "must be a whole number, not true",
        "/x/when": "depends on itself: x → y → x",
        "/constraints/0": 'there is no parameter "lerate". Did you mean "rate"? (at character 5)',
        "/constraints/1": found["/constraints/1"],
        "/constraints/2": 'must be a string such as "a * b <= 300", not 3',
    }


def test_a_space_that_can_be_made_has_no_problems():
    assert told({"a": Int(0, 1), "b": Constant(1, when={"a": [1]})}, ["a < b"]) == {}


def test_there_must_be_something_to_search():
    assert told({}) == {"": "must have at least one parameter"}
    assert told({"a": Constant(1)}) == {"": "has nothing to search: every parameter is a constant"}
    assert told({"a": Constant(1)}, broken=["b"]) == {}
    assert told({}, broken=["b"]) == {}


def test_size_and_names_are_bounded():
    assert "at most 200 parameters, not 201" in told({f"p{n}": Int(0, 1) for n in range(201)})[""]
    assert told({f"p{n}": Int(0, 1) for n in range(200)}) == {}
    assert told({"a": Int(0, 1)}, ["a < 1"] * 101) == {"/constraints": "must be at most 100 constraints, not 101"}
    assert "200 characters" in told({"a" * 201: Int(0, 1)})["/" + "a" * 201]
    assert told({3: Int(0, 1)}) == {"/3": "is not a name: a name is a string, not 3"}
    for name in ("", "1a", "a-b", "a b", "ä", "a\n"):
        assert list(told({name: Int(0, 1)})) == ["/" + name]
    assert told({"_a.b.C9": Int(0, 1)}) == {}


def test_conditions_stand_eight_deep_at_most():
    assert told(chain(8)) == {}
    assert told(chain(9)) == {"/p9/when": "stands 9 conditions deep: 8 are allowed"}


def test_a_cycle_is_told_once_and_not_for_what_hangs_on_it():
    parameters = {
        "child": Int(0, 1, when={"a": [1]}),
        "a": Int(0, 1, when={"b": [1]}),
        "b": Int(0, 1, when={"c": [1]}),
        "c": Int(0, 1, when={"a": [1], "free": [1]}),
        "free": Int(0, 1),
        "self": Int(0, 1, when={"self": [1]}),
    }
    assert told(parameters) == {
        "/a/when": "depends on itself: a → b → c → a",
        "/self/when": "depends on itself: self → self",
    }


def test_a_constant_may_switch_its_children_off():
    assert told({"mode": Constant("fast"), "depth": Int(1, 9, when={"mode": ["slow"]}), "a": Int(0, 1)}) == {}


def test_what_was_refused_already_is_not_refused_again():
    parameters = {"child": Int(0, 1, when={"optimizer": ["sgd"]})}
    assert told(parameters, ["optimizer != 'x'", "optimizer < child"], broken=["optimizer"]) == {}


def test_constraints_are_a_list_of_strings():
    parameters = {"a": Int(0, 1)}
    assert [problem.pointer for problem in constraint_problems(parameters, "a < 1")] == [""]
    assert [problem.pointer for problem in constraint_problems(parameters, ["a < 1", "a != '\x00'"])] == ["/1"]


def test_only_parameters_make_a_space():
    found = parameter_problems({"a": {"type": "int"}, "b": Int(0, 1, when={"a": [1]})})
    assert [(problem.pointer, problem.detail) for problem in found] == [
        ("/a", "must be a Float, an Int, a Choice or a Constant")
    ]


def test_an_illegal_space_cannot_be_made():
    with pytest.raises(InvalidInput) as caught:
        Space({"a": Int(0, 1), "b": Int(0, 1, when={"c": [1]})}, ["d < 1"])
    assert [problem.pointer for problem in caught.value.errors] == ["/b/when/c", "/constraints/0"]
