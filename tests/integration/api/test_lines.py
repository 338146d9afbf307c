"""Forks, edited spaces and inherited results over REST."""

from tests.support.api import Agent, Api


def test_a_fork_is_a_study_of_its_own_that_shows_what_it_inherited(api: Api, agent: Agent) -> None:
    api.submit()
    agent.run()
    answer = api.call("POST", "/studies/digits/fork", json={"space": {"units": {"low": 40}}, "budget": {"trials": 5}})
    assert answer.status_code == 201
    made = answer.json()
    assert made["name"] == "digits-fork-1"
    assert (made["counts"]["waiting"], made["spec"]["budget"]["trials"]) == (0, 5)
    inherited = api.get("/studies/digits-fork-1/inherited")["items"]
    assert [each["number"] for each in inherited] == list(range(-12, 0))
    assert made["origin"]["counted"] == sum(each["counts"] for each in inherited)
    assert {each["parameter"] for each in inherited if not each["counts"]} == {"units"}
    agent.run()
    assert api.get("/studies/digits-fork-1")["counts"]["completed"] == 5
    assert len(api.get("/studies/digits-fork-1/trials")["items"]) == 5


def test_a_fork_is_made_once_for_one_key(api: Api) -> None:
    api.submit()
    how = {"json": {}, "headers": {"Idempotency-Key": "k1"}}
    made = [api.call("POST", "/studies/digits/fork", **how).json()["id"] for _ in range(2)]
    assert made[0] == made[1]


def test_mistakes_in_a_fork_are_told_with_their_place(api: Api) -> None:
    api.submit()
    problem = api.refused("POST", "/studies/digits/fork", json={"space": {"unit": {"low": 4}}})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/space/unit")
    problem = api.refused("POST", "/studies/digits/fork", json={"space": {"units": {"low": 400}}})
    assert problem["errors"][0]["pointer"] == "/space/units/high"
    problem = api.refused("POST", "/studies/digits/fork", json={"metric": {"name": "other"}})
    assert problem["status"] == 422


def test_a_live_space_is_edited_and_a_finished_one_is_not(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 40})
    agent.run(5)
    change = {"space": {"units": {"low": 40}}, "freeze": {"optimizer": "adam"}, "note": "sgd is slow"}
    changed = api.call("PATCH", "/studies/digits/space", json=change).json()
    assert changed["space_version"] == 2
    assert changed["spec"]["space"]["optimizer"] == {**changed["spec"]["space"]["optimizer"], "type": "constant"}
    agent.run()
    trials = api.get("/studies/digits/trials")["items"]
    assert {each["params"]["optimizer"] for each in trials if each["space_version"] == 2} == {"adam"}
    assert api.get("/studies/digits/rounds")["items"][0]["rule"] == "edit"
    problem = api.refused("PATCH", "/studies/digits/space", json=change)
    assert (problem["status"], problem["code"]) == (409, "study_finished")
