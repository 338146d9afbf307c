"""What a study would draw, before it is submitted."""

from tests.support.api import Api, study_document


def test_a_preview_shows_configurations_and_histograms(api: Api) -> None:
    shown = api.post("/preview", study_document())
    assert list(shown) == ["strategy", "configurations", "histograms", "cardinality", "tiers", "warnings"]
    assert len(shown["configurations"]) == 12
    assert set(shown["configurations"][0]) >= {"lr", "units", "optimizer"}
    histograms = shown["histograms"]
    assert sum(histograms["lr"]["counts"]) == 1_000
    assert (histograms["lr"]["kind"], histograms["lr"]["scale"], histograms["lr"]["active"]) == ("numbers", "log", 1.0)
    assert max(histograms["lr"]["counts"]) < 100
    assert histograms["optimizer"]["labels"] == ["sgd", "adam"]
    assert 0.4 < histograms["nesterov"]["active"] < 0.6
    assert shown["warnings"] == []
    assert api.get("/studies")["items"] == []


def test_a_preview_warns_of_scales(api: Api) -> None:
    space = {
        "lr": {"type": "float", "low": 0.0001, "high": 1.0},
        "momentum": {"type": "float", "low": 0.9, "high": 0.999},
    }
    warnings = api.post("/preview", study_document(space=space))["warnings"]
    assert [(each["pointer"], each["code"]) for each in warnings] == [
        ("/space/lr", "many_decades"),
        ("/space/momentum", "near_one"),
    ]
    assert warnings[0]["detail"] == (
        "lr is linear over 4 decades: 90% of trials fall in the top decade; use scale: log"
    )


def test_constraints_that_leave_nothing_are_told_at_once(api: Api) -> None:
    space = {name: {"type": "float", "low": 0.0, "high": 1.0} for name in "ab"}
    shown = api.post("/preview", study_document(space=space, constraints=["a + b <= 0.00000001"]))
    assert [each["code"] for each in shown["warnings"]] == ["leaves_nothing"]
    assert (shown["configurations"], sum(shown["histograms"]["a"]["counts"])) == ([], 0)


def test_every_strategy_is_previewed_or_says_what_to_install(api: Api) -> None:
    for strategy in api.get("/meta")["strategies"]:
        answer = api.call("POST", "/preview", json=study_document(search={"strategy": strategy}))
        if answer.status_code == 501:
            assert (strategy, answer.json()["code"]) == ("gp", "missing_extra")
        else:
            assert answer.json()["strategy"] == strategy


def test_a_bad_document_is_refused(api: Api) -> None:
    assert api.refused("POST", "/preview", json={"name": "x"})["code"] == "invalid_study"


def test_a_preview_shows_the_tiers_and_what_waits_at_which_value(api: Api) -> None:
    space = {
        "lr": {"type": "float", "low": 0.0001, "high": 1.0, "scale": "log"},
        "layers": {"type": "int", "low": 1, "high": 4, "default": 2},
        "beta1": {"type": "float", "low": 0.8, "high": 0.99},
    }
    shown = api.post("/preview", study_document(space=space, search={"tiers": "auto"}))
    assert [(each["parameter"], each["tier"], each["default"]) for each in shown["tiers"]][1:] == [
        ("layers", 3, 2),
        ("beta1", None, 0.9),
    ]
    assert shown["tiers"][0]["why"] == "learning rate by its name"
    assert {params["layers"] for params in shown["configurations"]} == {2}
    assert len([count for count in shown["histograms"]["layers"]["counts"] if count]) == 4


def test_tiers_are_refused_where_a_strategy_takes_all_parameters_at_once(api: Api) -> None:
    problem = api.refused("POST", "/preview", json=study_document(search={"strategy": "grid", "tiers": "auto"}))
    assert problem["errors"] == [
        {"pointer": "/search/tiers", "detail": "is not for strategy grid, which searches all parameters at once"}
    ]
