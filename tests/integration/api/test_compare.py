"""Trials side by side."""

from tests.support.api import Agent, Api


def test_trials_are_compared_in_the_order_asked_for(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 4})
    agent.run()
    trials = {trial["number"]: trial for trial in api.get("/studies/digits/trials")["items"]}
    said = api.get("/studies/digits/compare", trials="2,0")
    assert said["trials"] == [trials[2], trials[0]]
    assert said["steps"] == [1.0, 2.0]
    assert said["values"] == [[2.1, 2.0], [0.1, 0.0]]
    rows = {row["name"]: row for row in said["parameters"]}
    assert rows["lr"]["differs"]
    assert rows["lr"]["values"] == [trials[2]["params"]["lr"], trials[0]["params"]["lr"]]
    assert [row["differs"] for row in said["parameters"]] == sorted(
        (row["differs"] for row in said["parameters"]), reverse=True
    )


def test_what_a_trial_lacks_is_a_difference(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 12})
    agent.run()
    trials = api.get("/studies/digits/trials")["items"]
    with_, without = ([t["number"] for t in trials if ("nesterov" in t["params"]) is has] for has in (True, False))
    said = api.get("/studies/digits/compare", trials=f"{with_[0]},{without[0]}")
    row = next(row for row in said["parameters"] if row["name"] == "nesterov")
    assert (row["differs"], row["has"], row["values"][1]) == (True, [True, False], None)


def test_trials_there_are_not_and_too_many_are_refused(api: Api) -> None:
    api.submit()
    for trials in ("77", "x", ",".join(map(str, range(21)))):
        problem = api.refused("GET", "/studies/digits/compare", params={"trials": trials})
        assert problem["errors"][0]["pointer"] == "/trials"


def test_the_leaderboard_knows_the_repeats_that_the_search_makes(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 12}, repeat={"seeds": 2, "top": 3})
    agent.run()
    board = api.get("/studies/digits/leaderboard")
    assert board["repeated"]
    again = [each for each in board["items"] if len(each["values"]) == 2]
    assert [each["number"] for each in again] == [0, 1, 2]
