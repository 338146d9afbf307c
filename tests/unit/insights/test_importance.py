"""Importance finds what was planted, says how sure it is, and keeps quiet where it can't know."""

import numpy as np
import pytest
from tests.support.views import view_of

from caviar.domain.document import parse_study
from caviar.insights.importance.evidence import MOST, gather
from caviar.insights.importance.prior import prior_tier
from caviar.insights.importance.report import importance

SPACE = {
    "learning_rate": {"type": "float", "low": 1e-5, "high": 1.0, "scale": "log"},
    "momentum": {"type": "float", "low": 0.8, "high": 0.999, "scale": "one_minus_log"},
    "layers": {"type": "int", "low": 1, "high": 5},
    "optimizer": {"type": "choice", "values": ["sgd", "adam", "rmsprop"]},
}


def bowl(units: np.ndarray) -> np.ndarray:
    """The first parameter matters much, the second a little, the others not at all."""
    return 10 * (units[:, 0] - 0.6) ** 2 + 1.0 * (units[:, 1] - 0.3) ** 2


@pytest.mark.parametrize("method", ["ped_anova", "fanova"])
def test_what_matters_comes_first_and_what_does_not_is_not_clear(method: str) -> None:
    said = importance(view_of(SPACE, bowl, 600), method)  # type: ignore[arg-type]
    assert said["enough"]
    told = {each["name"]: each["whole"] for each in said["parameters"]}
    assert [each["name"] for each in said["parameters"]][:2] == ["learning_rate", "momentum"]
    assert told["learning_rate"]["share"] > 0.6
    assert told["learning_rate"]["clear"]
    assert not told["layers"]["clear"]
    assert all(each["low"] <= each["share"] <= each["high"] for each in told.values())
    assert sum(each["share"] for each in told.values()) == pytest.approx(1, abs=0.01)


def test_among_the_good_another_parameter_may_matter_more() -> None:
    def cliff(units: np.ndarray) -> np.ndarray:
        """Below 0.8 of the first all is lost; above it only the second counts."""
        return np.where(units[:, 0] < 0.8, 100.0, 0.0) + (units[:, 1] - 0.5) ** 2

    said = importance(view_of(SPACE, cliff, 2_000))
    told = {each["name"]: each for each in said["parameters"]}
    assert told["learning_rate"]["whole"]["share"] > told["momentum"]["whole"]["share"]
    assert told["momentum"]["good"]["share"] > told["learning_rate"]["good"]["share"]


def test_too_few_trials_say_so() -> None:
    said = importance(view_of(SPACE, bowl, 20))
    assert (said["enough"], said["parameters"][0]["whole"]) == (False, None)
    assert said["message"].startswith("too few trials to say")
    assert [each["name"] for each in said["parameters"]] == list(SPACE)
    among = importance(view_of(SPACE, bowl, 100))
    assert among["enough"]
    assert (among["parameters"][0]["good"], among["message"][:36]) == (None, "too few trials to say what matters a")


def test_of_very_many_trials_a_bounded_number_is_looked_at_and_says_the_same() -> None:
    many = view_of(SPACE, bowl, 20_000)
    assert len(gather(many)) <= MOST
    assert gather(many).weights.sum() == pytest.approx(20_000)
    few = {each["name"]: each["whole"]["share"] for each in importance(view_of(SPACE, bowl, 1_900))["parameters"]}
    for each in importance(many)["parameters"]:
        assert each["whole"]["share"] == pytest.approx(few[each["name"]], abs=0.12)


def test_stopped_trials_count_as_not_good() -> None:
    view = view_of(SPACE, bowl, 600, stopped_above=2.0)
    assert np.isinf(gather(view).losses).any()
    assert importance(view)["parameters"][0]["name"] == "learning_rate"


def test_the_same_trials_always_say_the_same() -> None:
    view = view_of(SPACE, bowl, 300)
    assert importance(view) == importance(view)


def test_experience_orders_by_name_unless_the_document_does() -> None:
    names = ("learning_rate", "momentum", "batch_size", "num_layers", "learning_rate_decay", "beta1", "strange", "told")
    space = {name: {"type": "float", "low": 0, "high": 1} for name in names}
    space["told"]["tier"] = 2
    document = {"metric": {"name": "x"}, "train": {"external": True}, "space": space}
    parsed = parse_study({**document, "name": "x"}).space
    assert [prior_tier(parsed, name) for name in names] == [1, 2, 2, 3, 3, 4, None, 2]
