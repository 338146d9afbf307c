"""Long polls, event streams and parked syncs: answered when something happens, and at the latest when time is over."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.api import AGENT, Agent, Api


class Later:
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.answer: Any = None
        self.began = time.monotonic()
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._run, args=(call,))
        self._thread.start()

    def _run(self, call: Callable[[], Any]) -> None:
        self.answer = call()
        self.seconds = time.monotonic() - self.began

    def join(self) -> Any:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.answer


def when_waiting(api: Api, topic: str) -> None:
    """Returns when somebody listens to the topic."""
    deadline = time.monotonic() + 10
    while topic not in api.service.wakeups._signals:
        assert time.monotonic() < deadline, "nobody waits"
        threading.Event().wait(0.005)


def test_waiting_for_the_end_of_a_study(api: Api, agent: Agent) -> None:
    study = api.submit(budget={"trials": 2})
    waiting = Later(lambda: api.get("/studies/digits", wait="30s", until="finished"))
    when_waiting(api, f"ended:{study['id']}")
    agent.run()
    assert waiting.join()["state"] == "completed"
    assert waiting.seconds < 10


def test_waiting_for_a_change_since_what_is_known(api: Api) -> None:
    study = api.submit()
    tag = api.call("GET", "/studies/digits").headers["etag"]
    known = {"If-None-Match": tag}
    waiting = Later(lambda: api.call("GET", "/studies/digits?wait=30s&until=changed", headers=known))
    when_waiting(api, f"study:{study['id']}")
    api.post("/studies/digits/pause")
    assert waiting.join().json()["state"] == "paused"
    at_once = api.call("GET", "/studies/digits?wait=30s", headers=known)
    assert at_once.json()["state"] == "paused"


def test_a_wait_without_a_change_ends_in_time(api: Api) -> None:
    api.submit()
    tag = api.call("GET", "/studies/digits").headers["etag"]
    answer = api.call("GET", "/studies/digits?wait=50ms", headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert api.get("/studies/digits", wait="0.05", until="finished")["state"] == "queued"
    assert api.refused("GET", "/studies/digits?wait=soon")["errors"][0]["pointer"] == "/wait"


def test_a_waiting_caller_hears_that_the_study_was_deleted(api: Api) -> None:
    study = api.submit()
    waiting = Later(lambda: api.call("GET", "/studies/digits?wait=30s"))
    when_waiting(api, f"study:{study['id']}")
    api.call("DELETE", "/studies/digits")
    assert waiting.join().status_code == 404


def test_reads_are_not_modified_until_the_study_changes(api: Api, agent: Agent) -> None:
    api.submit()
    agent.run(1)
    trial = api.get("/studies/digits/trials/0")["id"]
    paths = [f"/studies/digits{end}" for end in ("", "/trials", "/trials/0", "/ranking", "/rounds")]
    paths += [f"/trials/{trial}", f"/trials/{trial}/metrics"]
    tags = {path: api.call("GET", path).headers["etag"] for path in paths}
    assert all(tag.startswith('W/"') for tag in tags.values())
    for path, tag in tags.items():
        answer = api.call("GET", path, headers={"If-None-Match": f'"other", {tag}'})
        assert (answer.status_code, answer.content) == (304, b"")
    agent.sync(agent.finish(agent.queue[0], 0.5))
    for path, tag in tags.items():
        assert api.call("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_a_parked_sync_is_answered_when_there_is_work(api: Api, agent: Agent) -> None:
    agent.sync()
    request = agent.request(wait=5.0)
    parked = Later(lambda: api.post(f"/agents/{agent.id}/sync", request, token=AGENT))
    when_waiting(api, "agents")
    api.submit()
    answer = parked.join()
    assert answer["assignments"] == []
    assert parked.seconds < 4
    assert len(agent.sync()["assignments"]) == 4


def test_a_newer_sync_releases_a_parked_one(api: Api, agent: Agent) -> None:
    request = agent.request(wait=5.0)
    parked = Later(lambda: api.post(f"/agents/{agent.id}/sync", request, token=AGENT))
    when_waiting(api, f"agent:{agent.id}")
    agent.sync()
    parked.join()
    assert parked.seconds < 4


def test_a_parked_sync_ends_when_its_time_is_over(api: Api, agent: Agent) -> None:
    assert agent.sync(wait=0.05)["assignments"] == []


@contextmanager
def stream(api: Api, path: str, **headers: str) -> Iterator[Iterator[dict[str, str]]]:
    """Server-sent events as dicts. (The test client runs a stream to its end before it answers: so it has to end.)"""
    answer = api.call("GET", path, headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    yield (dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks)


def test_a_stream_says_what_changed(api: Api, agent: Agent) -> None:
    study = api.submit(budget={"trials": 2})
    agent.sync()
    seen = api.get("/studies/digits")["revision"]
    topic = f"study:{study['id']}"

    def read() -> list[dict[str, str]]:
        with stream(api, "/studies/digits/events", **{"Last-Event-ID": str(seen - 1)}) as events:
            return list(events)

    reading = Later(read)
    when_waiting(api, topic)
    while agent.queue:
        agent.sync(agent.finish(agent.queue[0], 0.5))
    api.call("DELETE", "/studies/digits")
    events = reading.join()
    first = json.loads(events[0]["data"])
    assert events[0]["event"] == "change"
    assert events[0]["id"] == str(first["revision"])
    assert list(first) == ["revision", "state", "counts", "changed"]
    assert [number for number, _ in first["changed"]] == [0, 1]
    revisions = [int(event["id"]) for event in events]
    assert revisions == sorted(set(revisions))


def test_a_stream_of_nothing_is_not_found(api: Api) -> None:
    assert api.refused("GET", "/studies/none/events")["code"] == "not_found"


def test_draining_lets_everybody_go(api: Api, agent: Agent) -> None:
    study = api.submit(train={"external": True})
    topic = f"ended:{study['id']}"
    waiting = Later(lambda: api.get("/studies/digits", wait="30s", until="finished"))
    when_waiting(api, topic)
    request = agent.request(wait=5.0)
    parked = Later(lambda: api.post(f"/agents/{agent.id}/sync", request, token=AGENT))
    when_waiting(api, "agents")
    streaming = Later(lambda: api.call("GET", "/studies/digits/events"))
    api.service.wakeups.drain()
    for each in (waiting, parked, streaming):
        each.join()
        assert each.seconds < 4
    assert api.refused("GET", "/readyz")["code"] == "unavailable"
    assert api.call("GET", "/readyz").headers["retry-after"] == "1"
    assert api.call("GET", "/livez").status_code == 200


def test_a_service_that_ends_leases_nothing_more_and_hears_what_was_leased(api: Api, agent: Agent) -> None:
    api.submit(budget={"trials": 6, "parallel": 2})
    agent.sync()
    first, second = agent.queue
    api.service.wakeups.drain()
    answer = agent.sync(agent.finish(first, 0.5))
    assert answer["assignments"] == []
    assert answer["commands"] == []
    agent.sync(agent.finish(second, 0.5))
    study = api.get("/studies/digits")
    assert study["counts"]["completed"] == 2
    assert study["counts"]["running"] == 0
    assert len(agent.queue) == 0
