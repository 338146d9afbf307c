"""Trials steered over REST: by an agent's wire and by a program that asks and tells."""

from typing import Any

import pytest
from tests.support.api import Agent, Api

from caviar.domain.document import parse_study

STEPS = {"step": 3, "metrics": {"loss": 0.5}}


def begun(api: Api, agent: Agent, *, saved: bool = True, **changes: Any) -> tuple[Any, Any]:
    """The first trial, which has done (and saved) a step, and its assignment."""
    api.submit(**changes)
    agent.sync()
    [first] = agent.queue[:1]
    kinds = [("started", {"node": "host-1", "pid": 1}), ("report", {"step": 1, "metrics": {"loss": 0.5}})]
    if saved:
        kept = {"uri": "s3://bucket/0-1", "size": 1_000_000, "digest": "sha256:1"}
        kinds.append(("checkpoint", {"step": 1, **kept}))
    agent.sync([agent.event(first, kind, **more) for kind, more in kinds])
    return api.get("/studies/digits/trials/0"), first


def external(api: Api, **changes: Any) -> Any:
    api.submit(train={"external": True}, budget={"trials": 4}, **changes)
    [trial] = ask(api)
    return trial


def ask(api: Api, client: str = "one") -> list[Any]:
    items: list[Any] = api.post("/studies/digits/ask", {"client": client})["items"]
    return items


def test_a_nudge_is_kept_with_its_note_and_its_twin_runs_on(api: Api, agent: Agent) -> None:
    trial, first = begun(api, agent)
    path = f"/trials/{trial['id']}"
    made = api.post(f"{path}/nudge", {"params": {"lr": 0.003}, "note": "plateau", "twin": True})
    assert (made["old"], made["new"]) == ({"lr": trial["params"]["lr"]}, {"lr": 0.003})
    assert (made["note"], made["author"], made["origin"]) == ("plateau", "first admin", "hand")
    assert (made["state"], made["step"], made["warning"]) == ("waiting", None, None)
    twin = api.get(f"/studies/digits/trials/{made['twin']}")
    assert (twin["params"], twin["origin"], twin["parent"]) == (trial["params"], "twin", 0)
    commands = [each for each in agent.sync()["commands"] if each["action"] == "nudge"]
    assert [(each["attempt"], each["params"]["lr"]) for each in commands] == [(first["attempt"], 0.003)]
    agent.sync([agent.event(first, "nudged", nudge=made["id"], step=2)])
    told = api.get(f"{path}/nudges")
    assert [(each["state"], each["step"], each["twin"]) for each in told["items"]] == [("applied", 2, made["twin"])]
    assert [(each["after"], each["upto"]) for each in told["segments"]] == [(0, 2), (2, None)]
    assert api.get("/studies/digits/nudges")["items"] == told["items"]
    after = api.get(path)
    assert (after["touched"], after["params"]["lr"]) == (True, 0.003)


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"lr": 7.0}, "/params/lr"),
        ({"units": 10.5}, "/params/units"),
        ({"rate": 0.1}, "/params/rate"),
        ({"optimizer": "lion"}, "/params/optimizer"),
        ({}, "/params"),
    ],
)
def test_a_nudge_out_of_bounds_is_refused_with_its_place(api: Api, params: dict[str, Any], pointer: str) -> None:
    trial = external(api)
    problem = api.refused("POST", f"/trials/{trial['id']}/nudge", json={"params": params})
    assert problem["status"] == 422
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert api.get(f"/trials/{trial['id']}/nudges")["items"] == []


def test_a_repeated_request_nudges_once(api: Api) -> None:
    trial = external(api)
    path, key = f"/trials/{trial['id']}/nudge", {"Idempotency-Key": "one"}
    answers = [api.post(path, {"params": {"lr": 0.003}}, headers=key) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(api.get("/studies/digits/nudges")["items"]) == 1


def test_a_pause_without_a_checkpoint_names_its_price_first(api: Api, agent: Agent) -> None:
    trial, _ = begun(api, agent, saved=False)
    path = f"/trials/{trial['id']}/pause"
    problem = api.refused("POST", path)
    assert (problem["status"], problem["code"]) == (409, "no_checkpoint")
    assert '{"restart": true}' in problem["hint"]
    assert agent.sync()["commands"] == []
    assert "begins again" in api.post(path, {"restart": True})["warning"]
    assert [each["action"] for each in agent.sync()["commands"]] == ["pause"]


def test_a_paused_trial_goes_on_when_it_is_resumed(api: Api, agent: Agent) -> None:
    agent.slots = 1
    trial, first = begun(api, agent)
    path = f"/trials/{trial['id']}"
    assert api.post(f"{path}/pause")["warning"] is None
    assert api.refused("POST", f"{path}/resume")["code"] == "pausing"
    agent.queue.remove(first)
    agent.sync([agent.event(first, "stopped", seconds=1.0)])
    assert api.get(path)["state"] == "paused"
    assert api.post(f"{path}/resume")["state"] == "waiting"
    agent.slots = 2
    [again] = [each for each in agent.sync()["assignments"] if each["number"] == 0]
    assert [each["step"] for each in again["checkpoints"]] == [1]


def test_checkpoints_are_listed_by_trial_and_by_study(api: Api, agent: Agent) -> None:
    trial, _ = begun(api, agent)
    [one] = api.get(f"/trials/{trial['id']}/checkpoints")["items"]
    assert (one["number"], one["step"], one["size"], one["state"]) == (0, 1, 1_000_000, "kept")
    assert api.get("/studies/digits/checkpoints", state="kept")["items"] == [one]
    assert api.get("/studies/digits/checkpoints", state="removed")["items"] == []


def test_a_trial_s_nudges_become_a_study_that_can_be_submitted(api: Api) -> None:
    trial = external(api)
    path = f"/trials/{trial['id']}"
    assert api.refused("GET", f"{path}/schedule")["code"] == "no_nudges"
    api.post(f"{path}/nudge", {"params": {"lr": 0.01}})
    api.post(f"{path}/report", STEPS)
    document = api.get(f"{path}/schedule", name="learned", trials=9)
    assert document["rules"] == [{"when": {"step": 3}, "multiply": {"lr": pytest.approx(0.01 / trial["params"]["lr"])}}]
    assert api.get(f"{path}/schedule", plateau=5)["rules"][0]["when"] == {"plateau": 5}
    assert parse_study(document).name == "learned"
    assert api.post("/studies", document)["spec"]["budget"]["trials"] == 9


def test_a_program_that_asks_and_tells_gets_a_nudge_with_the_answer_to_its_report(api: Api) -> None:
    trial = external(api)
    path = f"/trials/{trial['id']}"
    api.post(f"{path}/nudge", {"params": {"lr": 0.003}})
    assert api.get(path)["params"] == trial["params"]
    changed = {**trial["params"], "lr": 0.003}
    assert api.post(f"{path}/report", STEPS) == {"verdict": "continue", "params": changed}
    [nudge] = api.get(f"{path}/nudges")["items"]
    assert (nudge["state"], nudge["step"]) == ("applied", 3)


def test_a_program_that_asks_and_tells_hears_of_a_pause_and_is_given_the_trial_again(api: Api) -> None:
    trial = external(api)
    path = f"/trials/{trial['id']}"
    assert api.post(f"{path}/pause")["warning"] is None
    assert api.get(path)["state"] == "running"
    assert api.post(f"{path}/report", STEPS)["verdict"] == "pause"
    assert [api.get(path)[name] for name in ("state", "step", "value")] == ["paused", 3, 0.5]
    assert api.refused("POST", f"{path}/report", json=STEPS)["code"] == "trial_not_running"
    [other] = ask(api)
    assert other["number"] == 1
    api.post(f"/trials/{other['id']}/complete", {"metrics": {"loss": 1.0}})
    api.post(f"{path}/resume")
    [again] = ask(api)
    assert [again[name] for name in ("number", "state", "value")] == [0, "running", 0.5]
    assert api.post(f"{path}/report", {"step": 4, "metrics": {"loss": 0.4}})["verdict"] == "continue"
    assert api.get(f"{path}/metrics") == {"step": [3, 4], "loss": [0.5, 0.4]}


def test_a_program_that_completes_instead_of_pausing_has_completed(api: Api) -> None:
    trial = external(api)
    path = f"/trials/{trial['id']}"
    api.post(f"{path}/pause")
    assert api.post(f"{path}/complete", {"metrics": {"loss": 0.25}})["state"] == "completed"


def test_a_study_pauses_the_trials_of_programs_too(api: Api) -> None:
    trial = external(api)
    api.post("/studies/digits/pause", {"running": True})
    assert api.post(f"/trials/{trial['id']}/report", STEPS)["verdict"] == "pause"
    assert ask(api) == []
    api.post("/studies/digits/resume")
    assert [each["number"] for each in ask(api, client="two")] == [0]
