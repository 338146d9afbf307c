"""Trials, what they reported, what they printed."""

import pytest
from tests.support.api import Agent, Api

ENDED = {"completed", "failed", "stopped"}


def pages(api: Api, **query: object) -> list[dict[str, object]]:
    """All pages, of three trials each."""
    seen: list[dict[str, object]] = []
    token = None
    while True:
        page = api.get("/studies/digits/trials", page_size=3, **query, **({"page_token": token} if token else {}))
        assert len(page["items"]) <= 3
        seen += page["items"]
        token = page["next_page_token"]
        if token is None:
            return seen


@pytest.fixture
def half_done(api: Api, agent: Agent) -> Api:
    """Twelve trials: seven completed, one of them not finite, one failed, four leased."""
    api.submit()
    agent.run(6)
    agent.sync(agent.finish(agent.queue[0], "NaN"))
    failing = agent.queue.pop(0)
    agent.sync([agent.event(failing, "failed", code="exception", message="ValueError: no")])
    return api


def test_pages_hold_every_trial_once_in_every_order(half_done: Api) -> None:
    everything = pages(half_done)
    count = len(everything)
    assert [each["number"] for each in everything] == list(range(count))
    for order in ("value", "-value", "-number", "seconds", "-created_at", "state", "params.lr", "-params.units"):
        assert sorted(each["number"] for each in pages(half_done, order_by=order)) == list(range(count)), order


def test_trials_without_a_value_come_last_in_both_directions(half_done: Api) -> None:
    rising = [each["value"] for each in pages(half_done, order_by="value")]
    falling = [each["value"] for each in pages(half_done, order_by="-value")]
    assert rising[:6] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert falling[:6] == [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]
    assert set(rising[6:]) == set(falling[6:]) == {None}


def test_an_order_by_a_parameter(half_done: Api) -> None:
    rates = [each["params"]["lr"] for each in pages(half_done, order_by="params.lr")]
    assert rates == sorted(rates)


def test_trials_are_filtered_by_state(half_done: Api) -> None:
    assert {each["state"] for each in pages(half_done, state="completed,failed")} == {"completed", "failed"}
    failed = pages(half_done, state="failed")
    assert [each["reason"] for each in failed] == [{"code": "exception", "message": "ValueError: no"}]


FILTERS = {
    "params.lr > 1e-2 and state = 'completed'": lambda t: t["params"]["lr"] > 0.01 and t["state"] == "completed",
    "0.01 < params.lr": lambda t: t["params"]["lr"] > 0.01,
    "params.optimizer = 'sgd'": lambda t: t["params"]["optimizer"] == "sgd",
    "params.optimizer != 'sgd'": lambda t: t["params"]["optimizer"] != "sgd",
    "params.optimizer in ('adam', 'x')": lambda t: t["params"]["optimizer"] == "adam",
    "params.nesterov = true": lambda t: t["params"].get("nesterov") is True,
    "params.nesterov is null": lambda t: "nesterov" not in t["params"],
    "params.nesterov is not null": lambda t: "nesterov" in t["params"],
    "not (params.units <= 50 or number < 3)": lambda t: t["params"]["units"] > 50 and t["number"] >= 3,
    "not params.nesterov = true": lambda t: t["params"].get("nesterov") is not True,
    "params.optimizer > 3": lambda t: False,
    "params.none = 3": lambda t: False,
    "value >= 2 AND value < 1e400": lambda t: t["value"] is not None and t["value"] >= 2,
    "reason = 'exception'": lambda t: t["state"] == "failed",
    "created_at <= '2027-01-15T08:00:00Z' and number <= 4": lambda t: t["number"] <= 4,
    "params.units > number": lambda t: t["params"]["units"] > t["number"],
    "number not in (1, 2)": lambda t: t["number"] not in (1, 2),
    'origin = "random"': lambda t: True,
    "origin = 'x'' or 1=1 --'": lambda t: False,
}


def test_a_filter_means_what_it_says(half_done: Api) -> None:
    everything = pages(half_done)
    for text, holds in FILTERS.items():
        expected = [each["number"] for each in everything if holds(each)]
        assert [each["number"] for each in pages(half_done, filter=text)] == expected, text


MEANINGLESS = {
    "staet = 'x'": 'Did you mean "state"',
    "state = 3": "state is text",
    "value = 'high'": "value is a number",
    "params.lr >": "ends too early",
    "1 = 1": "one side must be a field",
    "state = 'completed' value = 3": "not understood here",
    "created_at > 'yesterday'": "is a time",
    "(" * 40 + "number = 1": "nested deeper",
    "number = null": "is null",
    "number; drop table trials": "no comparison",
}


def test_a_filter_that_means_nothing_is_refused(api: Api) -> None:
    api.submit()
    for text, said in MEANINGLESS.items():
        problem = api.call("GET", "/studies/digits/trials", params={"filter": text}).json()
        assert (problem["code"], problem["errors"][0]["pointer"]) == ("invalid_input", "/filter")
        assert said in problem["errors"][0]["detail"]


def test_a_page_token_is_good_for_its_own_query_only(half_done: Api) -> None:
    token = half_done.get("/studies/digits/trials", page_size=3)["next_page_token"]
    for query in (
        {"order_by": "value", "page_token": token},
        {"state": "completed", "page_token": token},
        {"page_token": token[:-4]},
        {"page_token": "no token"},
        {"order_by": "size"},
        {"page_size": "501"},
    ):
        answer = half_done.call("GET", "/studies/digits/trials", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_a_trial_is_found_by_number_and_by_id(half_done: Api) -> None:
    trial = half_done.get("/studies/digits/trials/2")
    assert half_done.get(f"/trials/{trial['id']}") == trial
    assert (trial["node"], trial["attempts"], trial["seconds"], trial["step"]) == ("host-1", 1, 1.5, 2.0)
    assert half_done.refused("GET", "/studies/digits/trials/99")["code"] == "not_found"
    assert half_done.refused("GET", "/studies/digits/trials/99999999999")["code"] == "not_found"
    assert half_done.refused("GET", "/studies/digits/trials/x")["errors"][0]["pointer"] == "/number"


def test_metrics_come_in_columns(api: Api, agent: Agent) -> None:
    api.submit()
    agent.sync()
    first = agent.queue[0]
    events = [agent.event(first, "started", node="host-1")]
    events += [
        agent.event(first, "report", step=1, metrics={"loss": 0.5, "accuracy": 0.1}),
        agent.event(first, "report", step=2, metrics={"loss": "NaN"}),
    ]
    agent.sync(events)
    trial = api.get("/studies/digits/trials/0")["id"]
    assert api.get(f"/trials/{trial}/metrics") == {
        "step": [1.0, 2.0],
        "loss": [0.5, "NaN"],
        "accuracy": [0.1, None],
    }


def test_long_series_are_thinned_and_keep_their_extremes(api: Api, agent: Agent) -> None:
    api.submit()
    agent.sync()
    first = agent.queue[0]
    values = [1 / (1 + step) for step in range(5_000)]
    values[1_234], values[3_333] = 50.0, -50.0
    agent.sync([agent.event(first, "started")])
    events = [agent.event(first, "report", step=step, metrics={"loss": value}) for step, value in enumerate(values)]
    agent.sync(events[:2_500])
    agent.sync(events[2_500:])
    trial = api.get("/studies/digits/trials/0")["id"]
    series = api.get(f"/trials/{trial}/metrics")
    assert 900 < len(series["step"]) <= 2_000
    assert (series["step"][0], series["step"][-1]) == (0.0, 4_999.0)
    assert {50.0, -50.0} <= set(series["loss"])
    assert series["loss"][series["step"].index(1_234.0)] == 50.0
    assert len(api.get(f"/trials/{trial}/metrics", points=10)["step"]) <= 10


def test_logs_are_text_with_a_cursor(api: Api, agent: Agent) -> None:
    api.submit()
    agent.sync()
    first = agent.queue[0]
    agent.sync([agent.event(first, "started"), agent.event(first, "log", text="one\ntwo ")])
    trial = api.get("/studies/digits/trials/0")["id"]
    answer = api.call("GET", f"/trials/{trial}/logs")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "one\ntwo "
    agent.sync([agent.event(first, "log", text="dréi\n", skipped=1_200)])
    cursor = answer.headers["caviar-log-cursor"]
    answer = api.call("GET", f"/trials/{trial}/logs", params={"after": cursor})
    assert answer.text == "\n[1,200 bytes were skipped here]\ndréi\n"
    assert api.call("GET", f"/trials/{trial}/logs", params={"tail": 3}).text.endswith("dréi\n")
    last = answer.headers["caviar-log-cursor"]
    answer = api.call("GET", f"/trials/{trial}/logs", params={"after": last})
    assert (answer.text, answer.headers["caviar-log-cursor"]) == ("", last)
    assert api.refused("GET", f"/trials/{trial}/logs?after=x")["errors"][0]["pointer"] == "/after"


def test_attempts_tell_each_execution(api: Api, agent: Agent) -> None:
    api.submit()
    agent.sync()
    first = agent.queue.pop(0)
    agent.sync([agent.event(first, "failed", code="signal", message="killed by SIGKILL")])
    trial = api.get("/studies/digits/trials/0")
    attempts = api.get(f"/trials/{trial['id']}/attempts")["items"]
    assert [each["number"] for each in attempts] == [1, 2]
    assert (attempts[0]["state"], attempts[0]["reason"]["code"]) == ("failed", "signal")
    assert attempts[1]["state"] == "leased"


def test_a_configuration_by_hand_is_the_next_trial(api: Api, agent: Agent) -> None:
    api.submit()
    params = {"lr": 0.01, "units": 20, "optimizer": "adam"}
    answer = api.call("POST", "/studies/digits/trials", json={"params": params})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["number"], made["params"], made["state"], made["origin"]) == (0, params, "waiting", "manual")
    assert answer.headers["location"] == f"/api/v1/trials/{made['id']}"
    bad = {"params": {"lr": 7, "units": 20, "optimizer": "adam", "nesterov": True}}
    problem = api.refused("POST", "/studies/digits/trials", json=bad)
    assert {each["pointer"] for each in problem["errors"]} == {"/params/lr", "/params/nesterov"}
    agent.sync()
    assert agent.queue[0]["params"] == params


def test_one_trial_is_stopped(api: Api, agent: Agent) -> None:
    api.submit()
    agent.sync()
    first = agent.queue[0]
    agent.sync([agent.event(first, "started")])
    trial = api.get("/studies/digits/trials/0")["id"]
    assert api.post(f"/trials/{trial}/stop")["state"] == "running"
    assert agent.sync()["commands"][0]["action"] == "stop"
    agent.queue.remove(first)
    agent.sync([agent.event(first, "stopped")])
    assert api.post(f"/trials/{trial}/stop")["state"] == "stopped"
