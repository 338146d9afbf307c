"""Re-tunes and lineages over REST."""

from tests.support.api import Agent, Api


def test_a_retune_runs_a_canary_and_its_verdict_stands_in_the_lineage(api: Api, agent: Agent) -> None:
    api.submit()
    agent.run()
    answer = api.call("POST", "/studies/digits/retune", json={"data": {"version": "v2"}, "repeats": 2, "controls": 4})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["verdict"], made["data"]["version"]) == ("canary", None, "v2")
    canary = api.get(f"/studies/{made['canary_id']}")
    assert canary["origin"]["kind"] == "canary"
    assert canary["spec"]["data"]["version"] == "v2"
    agent.run()
    api.clock.now += 1
    api.service.engine.tick(api.clock())
    tree = api.get("/studies/digits/lineage")
    assert [each["kind"] for each in tree["studies"]][:2] == ["study", "canary"]
    looked = tree["retunes"][0]
    assert looked["state"] in ("good", "stale")
    assert looked["verdict"]["evidence"]["compared"] == 7
    assert api.get(f"/studies/{made['canary_id']}/lineage")["studies"][0]["name"] == "digits"


def test_what_is_under_way_is_the_answer_and_what_is_unfinished_is_refused(api: Api, agent: Agent) -> None:
    api.submit()
    problem = api.refused("POST", "/studies/digits/retune", json={})
    assert (problem["status"], problem["code"]) == (409, "study_unfinished")
    agent.run()
    first, second = (api.post("/studies/digits/retune") for _ in range(2))
    assert first["id"] == second["id"]


def test_a_schedule_that_is_none_is_refused(api: Api) -> None:
    document = {"retune": {"cron": "every monday"}}
    from tests.support.api import study_document

    problem = api.refused("POST", "/studies", json=study_document(**document))
    assert problem["errors"][0]["pointer"] == "/retune/cron"


def test_a_study_that_nobody_knows_teaches_nothing(api: Api) -> None:
    from tests.support.api import study_document

    asked = study_document(search={"strategy": "random", "learn_from": ["nobody"]})
    problem = api.refused("POST", "/studies", json=asked)
    assert problem["errors"][0]["pointer"] == "/search/learn_from/studies/0"
