"""Pictures over REST: in Plotly's form, of the revision they say, thinned and filtered."""

import pytest
from tests.support.api import Agent, Api

KINDS = ("history", "rounds", "slice", "contour", "parallel", "curves", "timeline", "importance", "rungs")


@pytest.fixture
def studied(api: Api, agent: Agent) -> Api:
    """Thirty trials of coarse-to-fine; trial n ends with the value n."""
    api.submit(search={"strategy": "coarse_to_fine", "seed": 1}, budget={"trials": 30})
    agent.run()
    return api


def drawn(api: Api, kind: str, **asked: object) -> dict:
    return api.get(f"/studies/digits/figures/{kind}", **asked)


def test_plotly_takes_every_picture_as_it_is(studied: Api) -> None:
    go = pytest.importorskip("plotly.graph_objects")
    for kind in KINDS:
        shown = drawn(studied, kind)
        assert shown["data"] or kind in {"rungs", "importance"}, shown["layout"]
        assert go.Figure({"data": shown["data"], "layout": shown["layout"]}).layout.title.text


def test_a_picture_of_nothing_says_what_is_missing(api: Api) -> None:
    api.submit()
    for kind in KINDS:
        shown = drawn(api, kind)
        assert shown["data"] == []
        assert shown["layout"]["annotations"][0]["text"] == shown["layout"]["meta"]["empty"]


def test_a_history_runs_along_numbers_time_or_training(studied: Api) -> None:
    along = {x: drawn(studied, "history", x=x)["data"] for x in ("number", "time", "compute")}
    assert along["number"][0]["x"] == [float(number) for number in range(30)]
    assert along["number"][0]["customdata"] == list(range(30))
    assert along["compute"][0]["x"][-1] == 30 * 1.5
    assert along["time"][0]["x"][-1] == 0.0
    best = along["number"][-1]
    assert (best["x"], best["y"], best["line"]["shape"]) == ([0.0, 29.0], [0.0, 0.0], "hv")


def test_filters_leave_only_such_trials(studied: Api) -> None:
    studied.post("/studies/digits/extend", {"trials": 31})
    first = studied.get("/studies/digits/trials/0")["params"]
    studied.post("/studies/digits/trials", {"params": first})
    agent = Agent(studied, number=1_000)
    agent.run()
    assert drawn(studied, "history", origin="manual")["data"][0]["customdata"] == [30]
    assert drawn(studied, "parallel", state="failed")["data"] == []


def test_a_picture_is_not_made_again_while_nothing_changes(studied: Api) -> None:
    path = "/studies/digits/figures/history"
    first = studied.call("GET", path)
    assert first.json()["revision"] == studied.get("/studies/digits")["revision"]
    again = studied.call("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    studied.post("/studies/digits/extend", {"trials": 60})
    assert studied.call("GET", path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_rounds_show_each_bound_and_why_it_moved(studied: Api) -> None:
    shown = drawn(studied, "rounds", params="lr")
    bands = [trace for trace in shown["data"] if trace["mode"] == "lines"]
    told = studied.get("/studies/digits/rounds")["items"]
    assert [each["index"] for each in shown["layout"]["meta"]["rounds"]] == [each["index"] for each in told]
    reasons = {bound["reason"] for each in told for bound in each["bounds"] if bound["parameter"] == "lr"}
    assert {text for band in bands for text in band["text"]} == reasons
    assert shown["layout"]["yaxis"]["ticktext"][0] == "0.0001"


def test_curves_are_those_of_the_best_the_running_and_the_selected(studied: Api) -> None:
    shown = drawn(studied, "curves", best=2, trials="7")["data"]
    lines = {trace["name"]: trace for trace in shown if "#" in trace["name"]}
    assert set(lines) == {"#7 selected", "#0 best", "#1 best"}
    assert (lines["#7 selected"]["x"], lines["#7 selected"]["y"]) == ([1.0, 2.0], [7.1, 7.0])
    assert lines["#7 selected"]["customdata"] == [7, 7]
    assert [trace["name"] for trace in shown[:3]] == ["others, low", "others", "median of the others"]
    other = drawn(studied, "curves", best=0, trials="7", metric="no_such")
    assert other["data"] == []


def test_rungs_tell_how_early_results_go_with_late_ones(api: Api, agent: Agent) -> None:
    api.submit(stopping={"rule": "median"}, budget={"trials": 6})
    agent.run()
    shown = drawn(api, "rungs")
    heat = shown["data"][0]
    assert heat["x"] == ["rung 0", "rung 1"]
    assert heat["z"][0][0] == 1.0
    assert heat["text"][0][0] == "6 trials"


def test_workers_show_what_ran_where(studied: Api) -> None:
    shown = drawn(studied, "timeline")
    assert shown["layout"]["meta"]["lanes"][0] == "host-1 01"
    assert sum(len(trace["x"]) for trace in shown["data"]) == 30


def test_what_can_not_be_drawn_is_refused_and_says_why(studied: Api) -> None:
    for path, pointer in (
        ("slice?params=lrate", "/params"),
        ("history?trials=x", "/trials"),
        ("contour?params=lr", "/params"),
    ):
        problem = studied.refused("GET", f"/studies/digits/figures/{path}")
        assert (problem["status"], problem["errors"][0]["pointer"]) == (422, pointer)
    assert studied.refused("GET", "/studies/digits/figures/nothing")["status"] == 422


def test_plotly_is_served_under_an_address_that_never_changes_its_content(api: Api) -> None:
    address = api.get("/meta")["plotly"]
    answer = api.client.get(address, headers={"Authorization": "Bearer cav_admin-of-the-tests"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert b"plotly.js v" in answer.content[:400]
    assert api.client.get("/assets/plotly-0.0.min.js", headers=dict(answer.request.headers)).status_code == 404
