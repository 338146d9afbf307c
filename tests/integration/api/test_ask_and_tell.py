"""Studies whose trials a program of the user's runs."""

import pytest
from tests.support.api import Api


@pytest.fixture
def external(api: Api) -> Api:
    api.submit(train={"external": True}, budget={"trials": 4})
    return api


def ask(api: Api, **body: object) -> list[dict[str, object]]:
    return api.post("/studies/digits/ask", body)["items"]


def test_asked_trials_are_reported_and_completed(external: Api) -> None:
    (trial,) = ask(external)
    assert (trial["number"], trial["state"]) == (0, "running")
    path = f"/trials/{trial['id']}"
    reported = external.post(f"{path}/report", {"step": 1, "metrics": {"loss": 0.5}})
    assert reported == {"verdict": "continue", "params": trial["params"]}
    done = external.post(f"{path}/complete", {"metrics": {"loss": 0.25}})
    assert (done["state"], done["value"], done["final"]) == ("completed", 0.25, {"loss": 0.25})
    assert external.get("/studies/digits")["best"]["value"] == 0.25


def test_the_last_report_counts_where_no_final_metrics_are_given(external: Api) -> None:
    (trial,) = ask(external)
    external.post(f"/trials/{trial['id']}/report", {"step": 1, "metrics": {"loss": 0.5}})
    assert external.post(f"/trials/{trial['id']}/complete", {})["value"] == 0.5


def test_a_client_gets_its_unfinished_trials_back_first(external: Api) -> None:
    first = ask(external, count=2, client="a")
    assert [each["number"] for each in first] == [0, 1]
    assert [each["number"] for each in ask(external, count=1, client="b")] == [2]
    assert [each["number"] for each in ask(external, count=4, client="a")] == [0, 1, 3]
    assert external.post("/studies/digits/ask", {"count": 9, "client": "c"})["items"] == []


def test_a_failure_is_told_with_its_reason(external: Api) -> None:
    (trial,) = ask(external)
    failed = {"failed": {"code": "diverged", "message": "loss is infinite"}}
    done = external.post(f"/trials/{trial['id']}/complete", failed)
    assert done["state"] == "failed"
    assert "loss is infinite" in done["reason"]["message"]
    again = external.post(f"/trials/{trial['id']}/complete", failed)
    assert again["state"] == "failed"


def test_reports_that_are_no_numbers_are_refused(external: Api) -> None:
    (trial,) = ask(external)
    path = f"/trials/{trial['id']}/report"
    for metrics, pointer in (
        ({"loss": "high"}, "/metrics/loss"),
        ({"loss": True}, "/metrics/loss"),
        ({"loss": None}, "/metrics/loss"),
        ({f"m{index}": 1.0 for index in range(201)}, "/metrics"),
    ):
        problem = external.refused("POST", path, json={"step": 1, "metrics": metrics})
        assert problem["errors"][0]["pointer"].startswith(pointer)
    problem = external.refused(
        "POST", path, content=b'{"step": 1, "metrics": {"loss": NaN}}', headers={"Content-Type": "application/json"}
    )
    assert 'write "NaN"' in problem["errors"][0]["detail"] or "no JSON" in problem["errors"][0]["detail"]
    assert external.post(path, {"step": 1, "metrics": {"loss": "NaN"}})["verdict"] == "continue"
    assert external.post(path, {"step": 2, "metrics": {"loss": 1}})["verdict"] == "continue"


def test_a_study_for_agents_can_not_be_asked(api: Api) -> None:
    api.submit()
    assert api.refused("POST", "/studies/digits/ask", json={})["code"] == "not_external"


def test_asking_waits_while_the_search_thinks(api: Api) -> None:
    api.submit(train={"external": True}, search={"strategy": "coarse_to_fine", "seed": 1})
    assert api.post("/studies/digits/ask", {"count": 2})["items"] == []
    api.think()
    assert len(api.post("/studies/digits/ask?wait=5s", {"count": 2})["items"]) == 2


def test_a_stopped_study_ends_what_was_asked(external: Api) -> None:
    (trial,) = ask(external)
    external.post("/studies/digits/stop")
    assert external.get("/studies/digits")["state"] == "cancelled"
    problem = external.refused("POST", f"/trials/{trial['id']}/report", json={"step": 1, "metrics": {"loss": 1.0}})
    assert problem["status"] == 409


def test_an_audit_tells_how_often_stopping_was_wrong(api: Api) -> None:
    """Of 40 trials each arrives worse than the one before and would be stopped; those let on by lot end best."""
    stopping = {"rule": "asha", "max_steps": 9, "audit": 0.3}
    search = {"strategy": "random", "seed": 4}
    api.submit(train={"external": True}, budget={"trials": 40}, stopping=stopping, search=search)
    verdicts = []
    for trial in ask(api, count=40):
        number, path = int(str(trial["number"])), f"/trials/{trial['id']}"
        report = {"step": 1, "metrics": {"loss": 1 + number}}
        verdicts.append(api.post(f"{path}/report", report)["verdict"])
        final = 0.5 if number < 2 else 0.1
        api.post(f"{path}/complete", {"metrics": {"loss": final}})
    told = api.get("/studies/digits/stopping")
    assert (told["rule"], told["audit"], told["stopped"]) == ("asha", 0.3, verdicts.count("stop"))
    assert told["audited"] == told["ended"] == verdicts.count("continue") - 2 > 3
    assert len(told["winners"]) == told["audited"]
    assert told["wrong_low"] > 0.4
    assert "that were to be stopped and trained on by lot became the best (#" in told["said"]


def test_without_an_audit_the_study_says_how_to_have_one(external: Api) -> None:
    assert "audit: 0.03" in external.get("/studies/digits/stopping")["said"]


def test_the_best_are_repeated_and_the_ranking_recommends_by_their_means(api: Api) -> None:
    """#0 was lucky once and never again."""
    repeat, search = {"top": 2, "seeds": 2}, {"strategy": "random", "seed": 4}
    api.submit(train={"external": True}, budget={"trials": 10}, repeat=repeat, search=search)
    first = ask(api, count=6)
    for trial in first:
        number = int(str(trial["number"]))
        api.post(f"/trials/{trial['id']}/complete", {"metrics": {"loss": number * 0.1}})
    again = ask(api, count=4)
    assert [each["origin"] for each in again] == ["repeat"] * 4
    seeds = [dict(trial["params"])["seed"] for trial in (*first, *again)]
    assert len(set(seeds)) == 10
    plain = [{**dict(trial["params"]), "seed": None} for trial in (*first, *again)]
    assert plain[6:] == plain[:2] * 2
    for trial, loss in zip(again, (0.5, 0.1, 0.52, 0.12), strict=True):
        api.post(f"/trials/{trial['id']}/complete", {"metrics": {"loss": loss}})
    told = api.get("/studies/digits/ranking")
    assert told["items"][0]["number"] == 0
    assert (told["recommended"]["number"], told["recommended"]["by"]) == (1, "repeats")
    assert [(each["number"], each["ties"]) for each in told["recommended"]["standings"]] == [(1, True), (0, False)]
    assert api.get("/studies/digits")["state"] == "completed"
