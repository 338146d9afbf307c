"""From a document to a study, or to everything that is wrong with it."""

import copy
import datetime as dt
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.studies import full, json_values, least, studies

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidStudy
from caviar.domain.parameters import Float
from caviar.domain.spec import Budget, Metric, Resources, SearchSpec, StoppingSpec, Train


def mistakes(document):
    with pytest.raises(InvalidStudy) as caught:
        parse_study(document)
    return {problem.pointer: problem.detail for problem in caught.value.errors}


@settings(max_examples=60)
@given(studies())
def test_a_study_survives_its_document(study):
    assert parse_study(json.loads(json.dumps(study.to_document(), allow_nan=False))) == study


def test_the_document_of_the_reference_is_read():
    study = parse_study(full())
    assert study.name == "digits"
    assert study.metric == Metric(name="val_error", goal="minimize")
    assert study.train == Train(function="train:main")
    assert study.space.parameters["learning_rate"] == Float(1e-4, 1.0, scale="log")
    assert study.constraints == ("hidden_units * layers <= 300",)
    assert study.search == SearchSpec(strategy="coarse_to_fine", seed=7, initial=({"learning_rate": 0.1},))
    assert study.stopping == StoppingSpec(rule="asha", min_steps=1, reduction=3.0)
    assert study.budget == Budget(trials=120, parallel=8, seconds=3600.0, trial_seconds=600.0, max_failures=20)
    assert study.resources == Resources(cpus=1.0, gpus=0.5, memory_mb=2000, custom={"a100": 1.0})
    assert study.labels == {"team": "vision"}


def test_what_is_not_said_has_a_default():
    document = parse_study(least()).to_document()
    assert {key: document[key] for key in document if key not in {"metric", "train", "space"}} == {
        "name": None,
        "code": None,
        "constraints": [],
        "search": {
            "strategy": "coarse_to_fine",
            "seed": None,
            "initial": [],
            "points": {},
            "tiers": None,
            "learn_from": None,
            "pbt": None,
        },
        "stopping": {
            "rule": "none",
            "mode": "stopping",
            "min_steps": 1,
            "max_steps": None,
            "reduction": 3.0,
            "audit": 0.0,
        },
        "repeat": None,
        "checkpoints": {"keep": "newest", "best": 5, "max_mb": None},
        "data": None,
        "retune": None,
        "budget": {
            "trials": 100,
            "parallel": None,
            "seconds": None,
            "trial_seconds": None,
            "silence_seconds": None,
            "grace_seconds": 10.0,
            "max_failures": None,
        },
        "resources": {"cpus": 1.0, "gpus": 0.0, "memory_mb": None, "custom": {}},
        "retries": 2,
        "rules": [],
        "labels": {},
    }
    assert document["train"] == {"external": True}


def test_a_metric_may_be_just_its_name():
    study = parse_study(least(metric="loss"))
    assert study.metric == Metric(name="loss", goal="minimize")
    assert study.minimizes
    assert not parse_study(least(metric={"name": "accuracy", "goal": "maximize"})).minimizes
    assert mistakes(least(metric="9"))["/metric"].startswith("must be a letter or _ first")


def test_every_mistake_is_told_at_once_in_the_order_of_the_document():
    document = full(
        name="1st",
        metric={"goal": "minimise"},
        train={"function": "train.main", "command": ["python", "{lerning_rate}"], "builtin": None},
        code="./digits",
        constraints=["hidden_unit * layers <= 300", 5],
        search={"strategy": "coarse2fine", "seed": -1, "initial": [{"learning_rate": 7}, 3], "tiers": 1},
        stopping={"rule": "asha", "min_steps": 9, "max_steps": 9, "reduction": 1},
        budget={"trials": 0, "parallel": True, "seconds": "60", "trial_seconds": math.inf, "max_failures": -1},
        resources={"cpus": -1, "gpus": 1.5, "memory_mb": 0.5, "custom": {"GPU": 1, "a100": 0}},
        retries=101,
        labels={"team": 1, "": "x"},
        trials=50,
        budgt={},
    )
    document["space"]["learning_rate"]["low"] = "0.1"
    document["space"]["decay"]["when"] = {"optimiser": ["sgd"]}
    document["space"]["9"] = {"type": "double"}
    assert list(mistakes(document)) == [
        "/name",
        "/metric/name",
        "/metric/goal",
        "/train",
        "/train/function",
        "/train/command/1",
        "/code",
        "/space/learning_rate/low",
        "/space/decay/when/optimiser",
        "/space/9",
        "/space/9/type",
        "/constraints/0",
        "/constraints/1",
        "/search/strategy",
        "/search/seed",
        "/search/initial/1",
        "/search/tiers",
        "/stopping/max_steps",
        "/stopping/reduction",
        "/budget/trials",
        "/budget/parallel",
        "/budget/seconds",
        "/budget/trial_seconds",
        "/budget/max_failures",
        "/resources/cpus",
        "/resources/gpus",
        "/resources/memory_mb",
        "/resources/custom/GPU",
        "/resources/custom/a100",
        "/retries",
        "/labels/team",
        "/labels/",
        "/trials",
        "/budgt",
    ]


@pytest.mark.parametrize(
    ("document", "at", "said"),
    [
        (least(budgt={}), "/budgt", 'is not known here. Did you mean "budget"?'),
        (least(constraint=[]), "/constraint", 'is not known here. Did you mean "constraints"?'),
        (least(trials=5), "/trials", 'is not known here. Did you mean "budget.trials"?'),
        (least(search={"trials": 5}), "/search/trials", 'is not known here. Did you mean "budget.trials"?'),
        (least(budget={"trails": 5}), "/budget/trails", 'is not known here. Did you mean "trials"?'),
        (least(zzz=1), "/zzz", "is not known here."),
        (least(**{"a/b~c": 1}), "/a~1b~0c", "is not known here."),
    ],
)
def test_an_unknown_key_is_shown_the_right_one(document, at, said):
    assert mistakes(document) == {at: said}


def test_what_is_required_is_named():
    assert mistakes({}) == {
        "/metric": "is missing: such as {name: val_error, goal: minimize}",
        "/train": "is missing: such as {function: train:main}",
        "/space": "is missing: such as {lr: {type: float, low: 0.0001, high: 1, scale: log}}",
    }


@pytest.mark.parametrize("document", [None, [], "metric: loss", 5, [full()]])
def test_a_study_is_an_object(document):
    assert mistakes(document)[""].startswith("must be an object with metric, train and space, not ")


def test_a_mistake_in_a_parameter_hides_none_elsewhere_and_invents_none():
    document = full(train={"command": ["python", "{learning_rate}"]}, retries=-1)
    document["space"]["optimizer"] = {"type": "choice", "values": "sgd"}
    document["space"]["hidden_units"]["low"] = None
    assert list(mistakes(document)) == ["/space/hidden_units/low", "/space/optimizer/values", "/retries"]


def test_a_parameter_may_be_called_like_a_section():
    document = least(constraints=["constraints <= 3"])
    document["space"] = {"constraints": {"type": "int", "low": 1, "high": 5, "when": {"space": [1]}}}
    assert list(mistakes(document)) == ["/space/constraints/when/space"]


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("retries", True),
        ("retries", "2"),
        ("retries", 2.0),
        ("retries", None),
        ("name", 5),
        ("labels", []),
        ("labels", {"a": None}),
        ("constraints", "a <= 1"),
        ("constraints", None),
        ("search", None),
        ("search", {"seed": True}),
        ("search", {"seed": 7.0}),
        ("search", {"initial": {"lr": 0.1}}),
        ("stopping", "asha"),
        ("budget", {"trials": "100"}),
        ("budget", {"seconds": True}),
        ("budget", 100),
        ("resources", {"cpus": "1"}),
        ("train", {"external": 1}),
        ("train", {"external": "true"}),
        ("train", {"command": "python train.py"}),
        ("code", {"bundle": 5}),
        ("space", {"lr": {"type": "float", "low": "0.1", "high": True}}),
    ],
)
def test_types_are_strict(section, value):
    found = mistakes(least(**{section: value}))
    assert all(at.startswith(f"/{section}") for at in found)
    assert all("must be" in detail for detail in found.values())


def test_a_path_to_code_is_explained():
    assert "caviar submit" in mistakes(least(code="./digits"))["/code"]


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, dt.date(2026, 1, 1), b"x", {1}, "a\0b", "\ud800"])
@pytest.mark.parametrize(
    "path", [("train", "options", "x"), ("search", "initial", 0, "lr"), ("labels", "a"), ("name",)]
)
def test_what_json_or_a_database_cannot_hold_is_refused_once(value, path):
    document = least(
        train={"builtin": "mlp", "options": {"x": 1}}, search={"initial": [{"lr": 0.1}]}, labels={"a": "b"}
    )
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert list(mistakes(document)) == ["/" + "/".join(map(str, path))]


def test_a_document_of_two_hundred_parameters_is_read_and_a_longer_one_refused():
    space = {f"p{index}": {"type": "int", "low": 0, "high": 9} for index in range(200)}
    assert parse_study(least(space=space)).space.dimension == 200
    assert list(mistakes(least(space={**space, "one": space["p0"]}))) == ["/space"]


def _places(document, path=()):
    yield path
    children = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, child in children:
        yield from _places(child, (*path, key))


PLACES = list(_places(full()))


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(PLACES[1:]), json_values), min_size=1, max_size=3))
def test_no_json_breaks_the_reader_and_every_pointer_leads_into_the_document(changes):
    document = full()
    for path, value in changes:
        _put(document, path, value)
    before = copy.deepcopy(document)
    study, errors = _read(document)
    assert all(_leads_somewhere(problem.pointer, document) for problem in errors)
    assert len(set(errors)) == len(errors)
    assert study is None or parse_study(study.to_document()) == study
    assert document == before


@given(json_values)
def test_any_json_is_read_or_refused(document):
    with pytest.raises(InvalidStudy):
        parse_study(document)


def _read(document):
    try:
        return parse_study(document), ()
    except InvalidStudy as error:
        return None, error.errors


def _put(document, path, value):
    for step in path[:-1]:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(document, dict) or (isinstance(document, list) and path[-1] in range(len(document))):
        document[path[-1]] = value


def _leads_somewhere(pointer, document):
    """To a value of the document, or to a key that an object of it lacks."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for index, step in enumerate(steps):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return isinstance(document, dict) and index == len(steps) - 1
    return True
