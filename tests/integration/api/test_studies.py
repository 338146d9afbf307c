"""Studies over REST."""

from tests.support.api import Agent, Api, study_document

FIELDS = [
    *("id", "name", "state", "reason", "spec", "revision", "counts", "best"),
    *("created_at", "started_at", "finished_at", "origin", "space_version"),
    *("fingerprint", "retune_at", "memory_mb", "labels", "notes", "progress"),
]


def test_a_submitted_study_is_found_by_id_and_by_name(api: Api) -> None:
    answer = api.call("POST", "/studies", json=study_document())
    assert answer.status_code == 201
    made = answer.json()
    assert list(made) == FIELDS
    assert answer.headers["location"] == f"/api/v1/studies/{made['id']}"
    assert (made["state"], made["best"], made["counts"]["waiting"]) == ("queued", None, 0)
    assert made["created_at"] == "2027-01-15T08:00:00.000000Z"
    assert made["spec"]["budget"]["trials"] == 12
    assert list(made["spec"]["space"]) == ["lr", "units", "optimizer", "nesterov"]
    assert api.get(f"/studies/{made['id']}") == api.get("/studies/digits") == made


def test_a_study_runs_to_its_end_and_shows_its_best(api: Api, agent: Agent) -> None:
    api.submit()
    agent.run()
    done = api.get("/studies/digits")
    assert done["state"] == "completed"
    assert done["counts"]["completed"] == 12
    first = api.get("/studies/digits/trials/0")
    assert done["best"] == {"number": 0, "value": 0.0, "params": first["params"]}
    assert done["finished_at"] is not None


def test_every_mistake_is_told_at_once(api: Api) -> None:
    bad = study_document(space={"lr": {"type": "float", "low": 0, "high": 1, "scale": "log"}}, retrys=1)
    problem = api.refused("POST", "/studies", json=bad)
    assert (problem["status"], problem["code"]) == (422, "invalid_study")
    assert {each["pointer"] for each in problem["errors"]} == {"/space/lr/low", "/retrys"}
    assert 'Did you mean "retries"' in str(problem["errors"])


def test_bodies_that_are_no_json_are_refused_and_say_why(api: Api) -> None:
    for body, said in (
        (b'{"name": NaN}', "NaN is no JSON"),
        (b'{"name": "a", "name": "b"}', "stands twice"),
        (b"{", "line 1, column 2"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
    ):
        problem = api.refused("POST", "/studies", content=body, headers={"Content-Type": "application/json"})
        assert problem["status"] == 422
        assert said in problem["errors"][0]["detail"]


def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    problem = api.refused("POST", "/studies", content=b" " * (2**20 + 1), headers=headers)
    assert (problem["status"], problem["code"]) == (413, "too_large")
    chunks = (b" " * 2**18 for _ in range(5))
    assert api.refused("POST", "/studies", content=chunks, headers=headers)["code"] == "too_large"


def test_a_name_is_free_again_when_its_study_is_finished(api: Api) -> None:
    first = api.submit()
    assert api.refused("POST", "/studies", json=study_document())["code"] == "name_taken"
    api.post("/studies/digits/stop")
    second = api.submit()
    assert api.get("/studies/digits")["id"] == second["id"] != first["id"]


def test_a_study_pauses_resumes_and_stops(api: Api, agent: Agent) -> None:
    api.submit()
    agent.run(2)
    assert api.post("/studies/digits/pause")["state"] == "paused"
    assert api.post("/studies/digits/pause")["state"] == "paused"
    assert api.post("/studies/digits/resume")["state"] == "running"
    stopped = api.post("/studies/digits/stop")
    assert stopped["reason"]["code"] == "stopped"
    assert {each["action"] for each in agent.sync()["commands"]} == {"return"}
    assert api.refused("POST", "/studies/digits/pause")["code"] == "study_finished"


def test_a_finished_study_is_extended_and_goes_on(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 3})
    agent.run()
    assert api.get("/studies/digits")["state"] == "completed"
    assert api.post("/studies/digits/extend", {"trials": 5})["state"] == "running"
    agent.run()
    assert api.get("/studies/digits")["counts"]["completed"] == 5
    problem = api.refused("POST", "/studies/digits/extend", json={"trials": 4, "parallel": 0})
    assert problem["errors"][0]["pointer"] == "/parallel"
    assert api.refused("POST", "/studies/digits/extend", json={"trials": 4})["errors"][0]["pointer"] == "/trials"
    assert api.refused("POST", "/studies/digits/extend", json={"trails": 9})["errors"][0]["pointer"] == "/trails"


def test_a_deleted_study_is_gone(api: Api, agent: Agent) -> None:
    made = api.submit()
    agent.run(1)
    trial = api.get("/studies/digits/trials/0")["id"]
    assert api.call("DELETE", "/studies/digits").status_code == 204
    for path in ("/studies/digits", f"/studies/{made['id']}", f"/trials/{trial}", f"/trials/{trial}/metrics"):
        assert api.refused("GET", path)["code"] == "not_found"
    assert api.get("/studies")["items"] == []


def test_studies_are_listed_newest_first_in_pages(api: Api) -> None:
    for number in range(5):
        api.clock.now += number == 3
        api.submit(name=f"s{number}")
    api.post("/studies/s1/stop")
    seen, token = [], None
    while True:
        page = api.get("/studies", page_size=2, **({"page_token": token} if token else {}))
        seen += [each["name"] for each in page["items"]]
        token = page["next_page_token"]
        if token is None:
            break
    assert seen[:2] == ["s4", "s3"]
    assert sorted(seen[2:]) == ["s0", "s1", "s2"]
    assert [each["name"] for each in api.get("/studies", state="cancelled")["items"]] == ["s1"]
    assert api.refused("GET", "/studies?state=runing")["errors"][0]["pointer"] == "/state"


def test_what_there_is_not_is_not_found(api: Api) -> None:
    for path in ("/studies/none", "/studies/0190c0de-0000-7000-8000-00000000dead", "/studies/%00", "/trials/x"):
        assert api.refused("GET", path)["code"] == "not_found"
    assert api.refused("GET", "/nothing/here")["code"] == "no_such_path"
    answer = api.call("PATCH", "/studies")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


def test_the_ranking_has_the_best_first(api: Api, agent: Agent) -> None:
    for name, goal, best in (("low", "minimize", [0, 1, 2]), ("high", "maximize", [11, 10, 9])):
        api.submit(name=name, metric={"name": "loss", "goal": goal})
        agent.run()
        ranked = api.get(f"/studies/{name}/ranking", limit=3)["items"]
        assert [each["number"] for each in ranked] == best
        assert list(ranked[0]) == ["number", "value", "params", "round", "steps", "seconds", "touched"]
        assert (ranked[0]["steps"], ranked[0]["seconds"]) == (2.0, 1.5)
    assert api.refused("GET", "/studies/low/ranking?limit=1001")["errors"][0]["pointer"] == "/limit"


def test_values_that_are_not_finite_do_not_rank(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 3})
    agent.sync()
    for value in ("NaN", "Infinity", 0.5):
        agent.sync(agent.finish(agent.queue[0], value))
    assert api.get("/studies/digits")["counts"]["completed"] == 3
    assert [each["value"] for each in api.get("/studies/digits/ranking")["items"]] == [0.5]
    assert api.get("/studies/digits/trials/0")["final"] == {"loss": "NaN"}


def test_rounds_say_what_moved_each_bound(api: Api, agent: Agent) -> None:
    api.submit(search={"strategy": "coarse_to_fine", "seed": 1}, budget={"trials": 60})
    agent.run()
    rounds = api.get("/studies/digits/rounds")["items"]
    assert [each["index"] for each in rounds] == list(range(len(rounds)))
    assert {bound["parameter"] for bound in rounds[0]["bounds"]} == {"lr", "units", "optimizer", "nesterov"}
