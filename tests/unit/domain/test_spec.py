"""What each section of a study allows, and the sentence with which it refuses."""

import pytest
from pydantic import ValidationError
from tests.unit.domain.studies import full, least

from caviar.domain.document import parse_study
from caviar.domain.errors import InvalidStudy
from caviar.domain.spec import Budget, Train


def refused(section, value):
    with pytest.raises(InvalidStudy) as caught:
        parse_study(least(**{section: value}))
    (problem,) = caught.value.errors
    return problem.pointer, problem.detail


def accepted(section, value):
    return getattr(parse_study(least(**{section: value})), section)


def test_a_study_cannot_be_changed():
    study = parse_study(full())
    with pytest.raises(ValidationError, match="frozen"):
        study.retries = 3
    with pytest.raises(ValidationError, match="frozen"):
        study.budget.trials = 3


def test_a_section_that_is_wrong_cannot_be_made():
    with pytest.raises(ValidationError):
        Budget(trials=0)
    with pytest.raises(ValidationError, match="exactly one"):
        Train()


@pytest.mark.parametrize("name", ["a", "digits-2026.11_b", "A" * 200])
def test_names(name):
    assert accepted("name", name) == name


@pytest.mark.parametrize("name", ["", "9a", "a b", "a/b", "a\n", "ä", "-a", "019aabcd-0000-7000-8000-000000000000"])
def test_names_that_are_none(name):
    assert refused("name", name)[1].startswith("must be a letter first, then letters, digits, _ . and -")


def test_a_name_has_an_end():
    assert refused("name", "a" * 201) == ("/name", "is longer than 200 characters")


@pytest.mark.parametrize("name", ["loss", "val/acc", "acc@5", "eval_f1-macro", "_x", "a:b", "a.b"])
def test_metrics(name):
    assert accepted("metric", name).name == name


def test_a_metric_is_not_called_step():
    assert refused("metric", {"name": "step"}) == (
        "/metric/name",
        '"step" counts steps in reports: choose another name',
    )


def test_a_goal_is_one_of_two():
    at, said = refused("metric", {"name": "loss", "goal": "minimise"})
    assert (at, said) == ("/metric/goal", 'must be minimize or maximize, not "minimise". Did you mean "minimize"?')


@pytest.mark.parametrize(
    "train",
    [
        {"function": "train:main"},
        {"function": "my.package.train_2:_main"},
        {"function": "train:Trainer.run", "options": {"epochs": 3, "nested": [{"a": None}]}},
        {"function": "train:main", "command": None, "external": False},
        {"command": ["python", "train.py", "--lr", "{lr}", "a\nb", ""]},
        {"builtin": "mlp", "options": {"dataset": "digits"}},
        {"builtin": "sklearn"},
        {"external": True},
    ],
)
def test_ways_to_train(train):
    made = accepted("train", train)
    assert made.to_document() == {key: value for key, value in train.items() if value}


@pytest.mark.parametrize(
    ("train", "at", "said"),
    [
        ({}, "/train", "takes exactly one of function, command, builtin and external, and none is given"),
        ({"external": False}, "/train", "and none is given"),
        ({"function": "a:b", "builtin": "mlp"}, "/train", "not function and builtin"),
        ({"external": True, "options": {"a": 1}}, "/train", "options have nobody to go to"),
        ({"function": "train"}, "/train/function", 'must be module:function, such as train:main, not "train"'),
        ({"function": "train.py:main()"}, "/train/function", "must be module:function"),
        ({"function": "../train:main"}, "/train/function", "must be module:function"),
        ({"builtin": "sklaern"}, "/train/builtin", 'must be mlp or sklearn, not "sklaern". Did you mean "sklearn"?'),
        ({"command": []}, "/train/command", "must not be empty"),
        ({"command": ["", "x"]}, "/train/command", "must begin with the program to start"),
        ({"command": ["a", 5]}, "/train/command/1", "must be a string, not 5"),
        ({"command": "a b"}, "/train/command", 'must be a list such as [python, train.py], not "a b"'),
        ({"builtin": "mlp", "options": []}, "/train/options", "must be an object such as {epochs: 20}, not []"),
        ("train:main", "/train", 'must be an object such as {function: train:main}, not "train:main"'),
    ],
)
def test_ways_that_are_none(train, at, said):
    where, detail = refused("train", train)
    assert where == at
    assert said in detail


@pytest.mark.parametrize(
    "bundle", ["", "sha256:abc", "sha256:" + "A" * 64, "md5:" + "a" * 64, "sha256:" + "a" * 64 + "\n"]
)
def test_code_is_a_digest(bundle):
    assert refused("code", {"bundle": bundle})[0] == "/code/bundle"


@pytest.mark.parametrize(
    ("search", "at", "said"),
    [
        (
            {"strategy": "bayes"},
            "/search/strategy",
            "must be coarse_to_fine, random, grid, sobol, tpe, gp, cmaes or pbt",
        ),
        ({"strategy": "c2f"}, "/search/strategy", 'not "c2f"'),
        ({"strategy": "optuna", "seed": 1}, "/search/strategy", 'not "optuna"'),
        ({"seed": -1}, "/search/seed", "must be at least 0, not -1"),
        ({"initial": [{"lr": 0.1}] * 1001}, "/search/initial", "must have at most 1,000 entries, not 1,001"),
        ({"strategy": "tpe", "points": {"lr": 5}}, "/search/points", "is for strategy grid only, not tpe"),
        ({"strategy": "grid", "points": {"lr": 0}}, "/search/points/lr", "must be at least 1, not 0"),
        ({"strategy": "grid", "points": {"lr": 10_001}}, "/search/points/lr", "must be at most 10,000, not 10001"),
        ({"strategy": "grid", "point": {}}, "/search/point", 'is not known here. Did you mean "points"?'),
    ],
)
def test_searches_that_are_none(search, at, said):
    where, detail = refused("search", search)
    assert where == at
    assert said in detail


def test_a_grid_needs_no_points_and_is_never_counted_out():
    assert accepted("search", {"strategy": "grid"}).points == {}
    assert accepted("search", {"strategy": "grid", "points": {"lr": 10_000, "depth": 3}}).points["depth"] == 3


@pytest.mark.parametrize(
    ("stopping", "at", "said"),
    [
        (
            {"rule": "asah"},
            "/stopping/rule",
            'must be none, asha, hyperband or median, not "asah". Did you mean "asha"?',
        ),
        ({"rule": "asha", "min_steps": 0}, "/stopping/min_steps", "must be at least 1, not 0"),
        ({"min_steps": 5, "max_steps": 5}, "/stopping/max_steps", "must be above min_steps, which is 5"),
        ({"reduction": 1}, "/stopping/reduction", "must be at least 1.5, not 1"),
        ({"grace": 1}, "/stopping/grace", "is not known here."),
    ],
)
def test_stopping_that_is_none(stopping, at, said):
    assert refused("stopping", stopping) == (at, said)


def test_external_studies_may_stop_early():
    assert accepted("stopping", {"rule": "asha"}).rule == "asha"


@pytest.mark.parametrize("key", ["trials", "parallel", "seconds", "trial_seconds", "silence_seconds"])
def test_budgets_are_positive(key):
    assert refused("budget", {key: 0})[0] == f"/budget/{key}"
    assert refused("budget", {key: -1})[0] == f"/budget/{key}"
    assert refused("budget", {key: 10**12})[0] == f"/budget/{key}"


def test_no_failure_at_all_may_be_allowed():
    assert accepted("budget", {"max_failures": 0}).max_failures == 0


@pytest.mark.parametrize(
    ("resources", "at", "said"),
    [
        ({"cpus": 0}, "/resources/gpus", "a trial takes CPUs or GPUs: one of cpus and gpus must be above 0"),
        ({"cpus": -1}, "/resources/cpus", "must be at least 0, not -1"),
        (
            {"gpus": 1.5},
            "/resources/gpus",
            "must be whole above 1: a share of a device is a share of one device, not 1.5",
        ),
        ({"gpus": 0.00001}, "/resources/gpus", "must be 0 or at least 0.0001, the smallest share that Ray knows"),
        ({"memory_mb": 0}, "/resources/memory_mb", "must be at least 1, not 0"),
        ({"memory_mb": 2.0}, "/resources/memory_mb", "must be a whole number, written without a point: 2"),
        ({"memory": 2}, "/resources/memory", 'is not known here. Did you mean "memory_mb"?'),
        ({"custom": {"GPU": 1}}, "/resources/custom/GPU", "is no custom resource: write resources.gpus"),
        ({"custom": {"a100": 0}}, "/resources/custom/a100", "must be above 0, not 0"),
        (
            {"custom": {"a b": 1}},
            "/resources/custom/a b",
            'must be a letter first, then letters, digits, _ . : and -, not "a b"',
        ),
        ({"custom": ["a100"]}, "/resources/custom", "must be an object such as {a100: 1}, not a list"),
    ],
)
def test_resources_that_are_none(resources, at, said):
    assert refused("resources", resources) == (at, said)


@pytest.mark.parametrize(
    "resources",
    [{"gpus": 0.25}, {"gpus": 2}, {"cpus": 0, "gpus": 1}, {"cpus": 1.5}, {"custom": {"accelerator_type:A100": 0.001}}],
)
def test_resources(resources):
    made = accepted("resources", resources)
    assert {key: getattr(made, key) for key in resources} == resources


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({f"k{index}": "v" for index in range(51)}, "must have at most 50 entries, not 51"),
        ({"a": "b\n"}, "holds a control character or half a surrogate pair"),
        ({"a": "b" * 1001}, "is longer than 1,000 characters"),
        ({"": "b"}, "must not be empty"),
        ({"a" * 201: "b"}, "is longer than 200 characters"),
    ],
)
def test_labels_that_are_none(labels, said):
    assert refused("labels", labels)[1] == said
