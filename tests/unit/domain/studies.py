"""Studies that hypothesis makes, and one that people would write."""

import copy

import numpy as np
from hypothesis import strategies as st
from tests.unit.domain.spaces import spaces

from caviar.domain.spec import Budget, Code, Metric, Resources, SearchSpec, StoppingSpec, StudySpec, Train

_DOCUMENT = {
    "name": "digits",
    "metric": {"name": "val_error", "goal": "minimize"},
    "train": {"function": "train:main"},
    "code": {"bundle": "sha256:" + "0123456789abcdef" * 4},
    "space": {
        "learning_rate": {"type": "float", "low": 1.0e-4, "high": 1.0, "scale": "log"},
        "momentum": {"type": "float", "low": 0.9, "high": 0.999, "scale": "one_minus_log"},
        "batch_size": {"type": "int", "low": 16, "high": 256, "scale": "log"},
        "hidden_units": {"type": "int", "low": 50, "high": 100},
        "layers": {"type": "int", "low": 1, "high": 4},
        "dropout": {"type": "float", "low": 0.0, "high": 0.6, "step": 0.1},
        "optimizer": {"type": "choice", "values": ["sgd", "adam"]},
        "size": {"type": "choice", "values": ["s", "m", "l"], "ordered": True},
        "decay": {"type": "float", "low": 1.0e-3, "high": 1.0, "scale": "log", "when": {"optimizer": ["sgd"]}},
        "beta2": {"type": "constant", "value": 0.999},
    },
    "constraints": ["hidden_units * layers <= 300"],
    "search": {"strategy": "coarse_to_fine", "seed": 7, "initial": [{"learning_rate": 0.1}]},
    "stopping": {"rule": "asha", "min_steps": 1, "reduction": 3},
    "budget": {"trials": 120, "parallel": 8, "seconds": 3600, "trial_seconds": 600, "max_failures": 20},
    "resources": {"cpus": 1, "gpus": 0.5, "memory_mb": 2000, "custom": {"a100": 1}},
    "retries": 2,
    "labels": {"team": "vision"},
}


def full(**changes):
    """Every section, as the reference has it."""
    return {**copy.deepcopy(_DOCUMENT), **changes}


def least(**changes):
    """Only what is required."""
    space = {
        "lr": {"type": "float", "low": 0.0001, "high": 1, "scale": "log"},
        "depth": {"type": "int", "low": 1, "high": 9},
    }
    return {"metric": "loss", "train": {"external": True}, "space": space, **changes}


names = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_.-]{0,30}\Z")
text = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
seconds = st.none() | st.floats(1e-3, 1e9)
counts = st.integers(1, 10**7)

commands = st.lists(text.map(lambda argument: argument.replace("{", "")), max_size=3).map(
    lambda rest: ("python", *rest)
)
options = st.dictionaries(text, json_values, max_size=3)
trains = st.one_of(
    st.builds(Train, function=st.from_regex(r"\A[a-z_]{1,9}(\.[a-z_]{1,9}){0,2}:[a-z_]{1,9}\Z"), options=options),
    st.builds(Train, command=commands, options=options),
    st.builds(Train, builtin=st.sampled_from(["mlp", "sklearn"]), options=options),
    st.just(Train(external=True)),
)
stoppings = st.builds(
    StoppingSpec,
    rule=st.sampled_from(["none", "asha", "hyperband", "median"]),
    min_steps=st.integers(1, 100),
    max_steps=st.none() | st.integers(101, 10**6),
    reduction=st.floats(1.5, 1000),
)
budgets = st.builds(
    Budget,
    trials=counts,
    parallel=st.none() | counts,
    seconds=seconds,
    trial_seconds=seconds,
    max_failures=st.none() | st.integers(0, 10**7),
)
resources = st.builds(
    Resources,
    cpus=st.floats(1e-4, 1e6),
    gpus=st.floats(1e-4, 1) | st.integers(0, 64).map(float),
    memory_mb=st.none() | st.integers(1, 10**9) | st.just("auto"),
    custom=st.dictionaries(names.map(lambda name: f"x{name}"), st.floats(1e-4, 1e6), max_size=3),
)


@st.composite
def searches(draw, space):
    strategy = draw(st.sampled_from(["random", "grid", "sobol", "coarse_to_fine", "tpe", "gp", "cmaes"]))
    units = draw(st.lists(st.lists(st.floats(0, 1), min_size=space.dimension, max_size=space.dimension), max_size=3))
    initial = space.decode(np.array(units).reshape(len(units), space.dimension))
    seed = draw(st.none() | st.integers(0, 2**53 - 1))
    return SearchSpec(strategy=strategy, seed=seed, initial=tuple(initial))


@st.composite
def studies(draw):
    space = draw(spaces)
    return StudySpec(
        name=draw(st.none() | names),
        metric=Metric(
            name=draw(names.map(lambda name: f"m{name}")), goal=draw(st.sampled_from(["minimize", "maximize"]))
        ),
        train=draw(trains),
        code=draw(st.none() | st.just(Code(bundle="sha256:" + "a" * 64))),
        space=space,
        search=draw(searches(space)),
        stopping=draw(stoppings),
        budget=draw(budgets),
        resources=draw(resources),
        retries=draw(st.integers(0, 100)),
        labels=draw(st.dictionaries(text.filter(bool), text, max_size=3)),
    )
