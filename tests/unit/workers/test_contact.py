"""What the agent says to the service: each event until it is there, and none that keeps the others back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from tests.unit.workers.fake_cluster import Stage

from caviar_workers.census import Census
from caviar_workers.checkpoints.removals import Removals
from caviar_workers.contact import SUPERSEDED_OFTEN, AgentEnded, Contact
from caviar_workers.dispatch import batch_size, fair_batch, to_drop
from caviar_workers.fleet import Said
from caviar_workers.outbox import Outbox
from caviar_workers.protocol import Node, Resources, SyncRequest
from caviar_workers.service import Refused, ServiceAway
from caviar_workers.shapes import Shape
from caviar_workers.spool import Chunk


def event(number: int) -> bytes:
    return b'{"kind":"started","attempt":"a%d","seq":1,"at":0.0}' % number


def said(slot: str, *numbers: int, ended: tuple[str, ...] = ()) -> Said:
    return Said(slot, Chunk(max(numbers), ended, tuple(event(number) for number in numbers)))


class ScriptedService:
    """Answers as told; remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[SyncRequest] = []
        self.answer: Callable[[SyncRequest], dict[str, Any]] = lambda _: {}

    def sync(self, body: bytes, wait: float) -> bytes:
        request = SyncRequest.model_validate_json(body)
        self.requests.append(request)
        return orjson.dumps({"number": request.number, **self.answer(request)})

    def bundle(self, digest: str) -> bytes:
        raise NotImplementedError


class Talk:
    def __init__(self) -> None:
        self.service = ScriptedService()
        self.contact = Contact(
            self.service, "1", lambda: 0.0, removals=Removals("memory://checkpoints", lambda _: None)
        )
        self.stage = Stage()
        self.outbox = Outbox()
        self.now = 0.0

    def sync(self) -> object:
        return self.contact.sync(self.stage.fleet, self.outbox, self.stage.cluster.nodes(), self.now)

    def sent(self) -> list[list[str]]:
        return [[each.attempt for each in request.events] for request in self.service.requests]


@pytest.fixture
def talk() -> Talk:
    return Talk()


def raising(error: Exception) -> Callable[[SyncRequest], dict[str, Any]]:
    def answer(_: SyncRequest) -> dict[str, Any]:
        raise error

    return answer


def test_a_request_says_what_the_agent_holds_and_what_is_free(talk: Talk) -> None:
    talk.stage.assign(1)
    talk.stage.ready()
    talk.sync()
    [request] = talk.service.requests
    assert request.held == ("a0",)
    assert request.nodes[0].total.cpus == 2.0
    assert request.nodes[0].free.cpus == 1.0


def test_events_are_sent_again_with_a_higher_number_until_there_is_an_answer(talk: Talk) -> None:
    talk.outbox.add(said("s", 1, 2))
    talk.service.answer = raising(ServiceAway("down"))
    assert talk.sync() is None
    assert talk.contact.waits_until() > talk.now
    talk.service.answer = lambda _: {}
    assert talk.sync() is not None
    assert talk.sent() == [["a1", "a2"]] * 2
    assert [request.number for request in talk.service.requests] == [1, 2]
    assert [request.received for request in talk.service.requests] == [0, 0]
    assert len(talk.outbox) == 0
    talk.sync()
    assert talk.service.requests[-1].received == 2


def test_the_longer_the_service_is_away_the_longer_the_pauses_up_to_seconds(talk: Talk) -> None:
    talk.service.answer = raising(ServiceAway("down"))
    pauses = []
    for _ in range(12):
        talk.sync()
        pauses.append(talk.contact.waits_until() - talk.now)
    assert pauses[:3] == [0.05, 0.1, 0.2]
    assert pauses[-1] == 2.5


def test_an_event_that_the_service_refuses_is_given_up_and_no_other(talk: Talk) -> None:
    def answer(request: SyncRequest) -> dict[str, Any]:
        if any(each.attempt == "a3" for each in request.events):
            raise Refused(422, "what is a3?")
        return {}

    talk.outbox.add(said("s", *range(1, 7)))
    talk.service.answer = answer
    for _ in range(30):
        talk.sync()
    accepted = [attempts for attempts in talk.sent() if "a3" not in attempts]
    assert [attempt for attempts in accepted for attempt in attempts] == ["a1", "a2", "a4", "a5", "a6"]
    assert len(talk.outbox) == 0


def test_a_refusal_that_is_not_about_events_ends_the_agent(talk: Talk) -> None:
    talk.outbox.add(said("s", 1))
    talk.service.answer = raising(Refused(401, "who are you?"))
    with pytest.raises(Refused):
        talk.sync()


def test_an_agent_whose_place_is_taken_ends(talk: Talk) -> None:
    talk.service.answer = lambda _: {"superseded": True}
    for _ in range(SUPERSEDED_OFTEN - 1):
        assert talk.sync() is None
    with pytest.raises(AgentEnded, match="same name"):
        talk.sync()


def test_a_parked_request_carries_no_events_and_waits_a_quarter_of_the_lease(talk: Talk) -> None:
    talk.contact.lease_seconds = 8.0
    number, body, wait = talk.contact.parked_body(talk.stage.fleet, talk.outbox, (), 0.0)
    request = SyncRequest.model_validate_json(body)
    assert (request.number, request.wait, wait, request.events) == (number, 2.0, 2.0, ())


def test_an_outbox_keeps_what_was_not_delivered() -> None:
    outbox = Outbox()
    outbox.add(said("s", 1, 2, ended=("a2",)))
    outbox.add(said("t", 3, 4, 5))
    assert len(outbox.load()) == 5
    assert outbox.refused() is None
    assert outbox.load() == [event(1), event(2)]
    assert outbox.still_held() == []
    assert [each.slot for each in outbox.delivered()] == ["s"]
    assert outbox.load() == [event(3), event(4), event(5)]
    assert [each.slot for each in outbox.delivered()] == ["t"]
    assert len(outbox) == 0


def test_an_attempt_is_held_until_its_last_event_is_on_its_way() -> None:
    outbox = Outbox()
    outbox.add(said("s", 1, 2, 3, 4, ended=("a4",)))
    outbox.load()
    outbox.refused()
    assert outbox.load() == [event(1), event(2)]
    assert outbox.still_held() == ["a4"]
    assert outbox.delivered() == []
    outbox.load()
    assert outbox.still_held() == []


@pytest.mark.parametrize(
    ("seconds", "size"),
    [(None, 1), (0.0, 64), (0.0001, 64), (0.001, 35), (0.01, 3), (0.02, 1), (0.05, 1), (10.0, 1)],
)
def test_a_batch_is_a_few_hundredths_of_a_second(seconds: float | None, size: int) -> None:
    assert batch_size(seconds) == size


def test_the_last_trials_are_shared_among_idle_slots() -> None:
    assert fair_batch(0.0001, waiting=10, idle=4) == 3
    assert fair_batch(0.0001, waiting=1, idle=4) == 1


def test_as_few_slots_as_possible_are_dropped_for_room() -> None:
    free = {"a": {"cpus": 0.0}, "b": {"cpus": 1.0}}
    idle = [("one", "a", {"cpus": 1.0}), ("two", "a", {"cpus": 1.0}), ("three", "b", {"cpus": 1.0})]
    assert to_drop(free, {"cpus": 2.0}, idle) == ["three"]
    assert to_drop(free, {"cpus": 3.0}, idle) is None


def test_what_others_have_reserved_for_some_time_is_not_ours() -> None:
    census = Census()
    node = Node(id="n", host="h", total=Resources(cpus=8), free=Resources(cpus=3))
    ours = [("n", Shape(cpus=2.0)), ("", Shape(cpus=1.0))]
    assert [each.total.cpus for each in census.usable([node], ours)] == [8.0]
    assert [each.total.cpus for each in census.usable([node], ours)] == [6.0]
    freed = node.model_copy(update={"free": Resources(cpus=5)})
    assert [each.total.cpus for each in census.usable([freed], ours)] == [8.0]
