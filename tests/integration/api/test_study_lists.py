"""What the list of studies shows, and how studies are found in it."""

from typing import Any

import pytest
from tests.support.api import Agent, Api, study_document

from caviar.storage.study_lists import ORDERS


def names(api: Api, **asked: Any) -> list[str]:
    return [each["name"] for each in api.get("/studies", **asked)["items"]]


def in_pages(api: Api, **asked: Any) -> list[str]:
    found, token = [], None
    while True:
        page = api.get("/studies", page_size=2, **asked, **({"page_token": token} if token else {}))
        found += [each["name"] for each in page["items"]]
        token = page["next_page_token"]
        if token is None:
            return found


def test_a_study_shows_how_far_it_is_and_what_it_has_cost(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 24})
    before = api.get("/studies")["items"][0]["progress"]
    assert (before["ended"], before["eta"], before["eta_reason"]) == (0, None, "it has not begun")
    for _ in range(12):
        api.clock.now += 10.0
        agent.run(1)
    progress = api.get("/studies")["items"][0]["progress"]
    assert (progress["ended"], progress["budget"], progress["share"]) == (12, 24, 0.5)
    assert progress["compute_seconds"] == 12 * 1.5
    assert progress["best_so_far"][-1] == 0.0
    agent.sync([agent.event(agent.queue[0], "started")])
    eta = api.get("/studies/digits")["progress"]["eta"]
    assert eta["low"] <= eta["middle"] <= eta["high"]
    assert eta["middle"].startswith("2027-01-15T08:03:50")  # 12 more; 12 took 110 s


def test_a_pause_does_not_slow_the_pace(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 24})
    for index in range(12):
        api.clock.now += 10.0
        agent.run(1)
        if index == 5:
            api.post("/studies/digits/pause")
            assert api.get("/studies/digits")["progress"]["eta_reason"] == "it is paused"
            api.clock.now += 36_000.0
            api.post("/studies/digits/resume")
    agent.sync([agent.event(agent.queue[0], "started")])
    assert api.get("/studies/digits")["progress"]["eta"]["high"].startswith("2027-01-15T18:0")


@pytest.mark.parametrize("name", ORDERS)
def test_pages_follow_the_order_and_hold_each_study_once(api: Api, agent: Agent, name: str) -> None:
    for index in range(5):
        api.clock.now += 1.0
        api.submit(name=f"study-{index}", budget={"trials": 2 + index % 3})
    agent.run(7)
    for order in (name, f"-{name}"):
        assert sorted(in_pages(api, order_by=order)) == [f"study-{index}" for index in range(5)]
    if name == "name":
        assert in_pages(api, order_by="-name") == [f"study-{index}" for index in reversed(range(5))]
    if name == "created_at":
        assert names(api) == in_pages(api, order_by="-created_at")


def test_what_a_study_lacks_comes_last_in_either_direction(api: Api, agent: Agent) -> None:
    api.submit(name="done", budget={"trials": 1})
    agent.run()
    api.submit(name="fresh")
    assert names(api, order_by="best") == names(api, order_by="-best") == ["done", "fresh"]


def test_studies_are_found_by_words_of_their_names_labels_and_notes(api: Api) -> None:
    api.submit(name="resnet-50", labels={"team": "Vision"})
    api.submit(name="bert_large", labels={"team": "text"})
    api.call("PATCH", "/studies/bert_large", json={"notes": "100% of the Vision people asked\nfor this"})
    assert names(api, search="RESNET") == ["resnet-50"]
    assert names(api, search="vision", order_by="name") == ["bert_large", "resnet-50"]
    assert names(api, search="vision 50") == ["resnet-50"]
    assert names(api, label="team=vision") == ["resnet-50"]
    assert names(api, label="team=vis") == []
    assert names(api, search="0% of") == ["bert_large"]
    assert names(api, search="bert_l") == ["bert_large"]
    assert names(api, search="bert%l") == names(api, search="ber__large") == []


def test_labels_are_merged_and_taken_away_and_notes_replaced(api: Api, agent: Agent) -> None:
    api.submit(labels={"team": "vision", "old": "yes"}, budget={"trials": 1})
    agent.run()
    changed = api.call("PATCH", "/studies/digits", json={"labels": {"old": None, "stage": "2"}, "notes": "kept"}).json()
    assert changed["labels"] == changed["spec"]["labels"] == {"team": "vision", "stage": "2"}
    assert changed["notes"] == "kept"
    assert changed["state"] == "completed"
    assert api.call("PATCH", "/studies/digits", json={}).json()["labels"] == changed["labels"]
    assert names(api, label="old=yes") == []


def test_what_can_be_no_label_is_refused(api: Api) -> None:
    api.submit()
    for labels in ({"": "x"}, {str(index): "x" for index in range(60)}, {"a": 1}):
        assert api.refused("PATCH", "/studies/digits", json={"labels": labels})["status"] == 422


def test_an_order_there_is_not_and_a_token_of_another_list_are_refused(api: Api) -> None:
    for index in range(3):
        api.submit(**study_document(name=f"s{index}"))
    assert (
        "compute_seconds"
        in api.refused("GET", "/studies", params={"order_by": "compute_second"})["errors"][0]["detail"]
    )
    token = api.get("/studies", page_size=1)["next_page_token"]
    assert api.refused("GET", "/studies", params={"page_token": token, "search": "s"})["errors"]
