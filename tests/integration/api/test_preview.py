"""What a study would draw, before it is submitted."""

from tests.support.api import Api, study_document


def test_a_preview_shows_configurations_and_histograms(api: Api) -> None:
    shown = api.post("/preview", study_document())
    assert list(shown) == ["strategy", "configurations", "histograms", "cardinality", "warnings"]
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


def test_every_strategy_is_previewed_or_says_what_to_install(api: Api) -> None:
    for strategy in api.get("/meta")["strategies"]:
        answer = api.call("POST", "/preview", json=study_document(search={"strategy": strategy}))
        if answer.status_code == 501:
            assert (strategy, answer.json()["code"]) == ("gp", "missing_extra")
        else:
            assert answer.json()["strategy"] == strategy


def test_a_bad_document_is_refused(api: Api) -> None:
    assert api.refused("POST", "/preview", json={"name": "x"})["code"] == "invalid_study"
