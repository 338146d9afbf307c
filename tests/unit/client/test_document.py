import pytest

from caviar.client.document import study_document, train_section
from caviar.domain.errors import InvalidInput
from caviar.domain.parameters import Choice, Float


def test_shorthands_fill_the_document() -> None:
    document = study_document(
        {"function": "train:main"},
        {"lr": Float(1e-4, 1.0, scale="log"), "opt": Choice(("sgd", "adam")), "raw": {"type": "int"}},
        "loss",
        {"name": "x", "trials": 60, "parallel": 4, "seed": 7, "search": "random", "stopping": "asha", "retries": 0},
    )
    assert document == {
        "name": "x",
        "retries": 0,
        "metric": {"name": "loss", "goal": "minimize"},
        "train": {"function": "train:main"},
        "space": {
            "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
            "opt": {"type": "choice", "values": ["sgd", "adam"]},
            "raw": {"type": "int"},
        },
        "search": {"strategy": "random", "seed": 7},
        "stopping": {"rule": "asha"},
        "budget": {"trials": 60, "parallel": 4},
    }


def test_the_goal_may_be_given_either_way() -> None:
    for metric, options in (({"name": "acc", "goal": "maximize"}, {}), ("acc", {"goal": "maximize"})):
        assert study_document({}, {}, metric, options)["metric"] == {"name": "acc", "goal": "maximize"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("train", "section"),
    [
        ("train:main", {"function": "train:main"}),
        ("mlp", {"builtin": "mlp"}),
        (["python", "t.py"], {"command": ["python", "t.py"]}),
        ({"external": True}, {"external": True}),
    ],
)
def test_what_trains_has_short_forms(train: object, section: object) -> None:
    assert train_section(train) == section  # type: ignore[arg-type]


def test_a_parameter_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="/space/lr"):
        study_document({}, {"lr": 3}, "loss", {})  # type: ignore[dict-item]
