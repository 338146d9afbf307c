"""What the fleet decides, without a cluster."""

from __future__ import annotations

from tests.unit.workers.fake_cluster import FakeSlot, Stage

from caviar_workers.cluster import Ready, TakenBack
from caviar_workers.protocol import Command
from caviar_workers.shapes import Shape


def test_slots_are_made_for_what_waits_as_far_as_they_fit() -> None:
    stage = Stage(cpus=2)
    stage.assign(5)
    assert len(stage.alive()) == 2
    stage.ready()
    assert [len(slot.batches[0]) for slot in stage.alive()] == [1, 1]
    assert sorted(stage.fleet.held()) == [f"a{n}" for n in range(5)]


def test_an_idle_slot_is_fed_before_another_gets_a_second_batch() -> None:
    stage = Stage(cpus=2)
    first = stage.assign(1)
    stage.ready()
    [slot] = stage.alive()
    second = stage.assign(1)
    assert slot.batches == [first]
    stage.ready()
    assert stage.alive()[1].batches == [second]
    third = stage.assign(1)
    assert slot.batches == [first, third]


def test_short_trials_are_shared_among_idle_slots_in_batches() -> None:
    stage = Stage(cpus=2)
    stage.assign(200, seconds=0.0001)
    stage.ready()
    assert [[len(batch) for batch in slot.batches] for slot in stage.alive()] == [[64, 64], [64, 8]]


def test_a_study_keeps_to_its_number_of_slots() -> None:
    stage = Stage(cpus=4)
    stage.assign(4, seconds=0.2, slots=2)
    stage.ready()
    assert len(stage.alive()) == 2
    assert [len(slot.batches) for slot in stage.alive()] == [2, 2]


def test_what_is_already_here_is_not_taken_twice() -> None:
    stage = Stage()
    stage.assign(1)
    stage._numbers = iter(range(10))
    stage.assign(1)
    stage.ready()
    assert [batch for slot in stage.alive() for batch in slot.batches] == [["a0"]]
    stage._numbers = iter(range(10))
    stage.assign(1)
    assert stage.fleet.held() == ["a0"]


def test_idle_slots_of_other_shapes_make_room() -> None:
    stage = Stage(cpus=2)
    ids = stage.assign(2)
    stage.ready()
    for slot, attempt in zip(stage.alive(), ids, strict=True):
        said = stage.end(slot, attempt)
        assert said is not None
        stage.fleet.acknowledge(said.slot, said.chunk.upto)
    stage.assign(1, "wide", cpus=2)
    assert [slot.shape.cpus for slot in stage.alive()] == [2.0]


def test_busy_slots_are_never_dropped_for_room() -> None:
    stage = Stage(cpus=2)
    stage.assign(1)
    stage.ready()
    stage.assign(1, "wide", cpus=2)
    assert [slot.shape.cpus for slot in stage.alive()] == [1.0]


def test_more_slots_than_fit_are_asked_of_a_cluster_that_grows() -> None:
    stage = Stage(cpus=1, pending_slots=2)
    stage.assign(5)
    assert len(stage.alive()) == 2


def test_of_a_lost_slot_the_first_attempt_is_lost_and_the_others_are_returned() -> None:
    stage = Stage(cpus=1)
    stage.assign(3, seconds=0.01)
    stage.ready()
    stage.lose(stage.alive()[0])
    assert [(event["kind"], event["attempt"]) for event in stage.own()] == [
        ("failed", "a0"),
        ("returned", "a1"),
        ("returned", "a2"),
    ]
    assert stage.fleet.held() == []


def test_a_slot_that_does_not_answer_is_asked_again_until_its_lease_has_ended() -> None:
    stage = Stage(cpus=1)
    stage.assign(1)
    stage.ready()
    [slot] = stage.alive()
    stage.mute(slot)
    assert stage.fleet.held() == ["a0"]
    asked = len(slot.asked)
    stage.arrange(after=1.1)
    assert len(slot.asked) == asked + 1
    assert not stage.own()
    stage.arrange(after=60.0)
    assert slot.killed
    assert [event["code"] for event in stage.own()] == ["slot_lost"]


def test_a_slot_that_leaves_a_question_open_for_the_lease_time_is_given_up() -> None:
    """Frozen, or behind a network that has parted: nobody says that it is unavailable."""
    stage = Stage(cpus=1)
    stage.assign(1)
    stage.ready()
    [slot] = stage.alive()
    assert slot.asked[-1] == "collect 0"
    stage.let_pass(59)
    assert not slot.killed
    stage.let_pass(2)
    assert slot.killed
    assert [event["code"] for event in stage.own()] == ["slot_lost"]


def test_a_slot_with_nothing_to_say_is_not_given_up() -> None:
    stage = Stage(cpus=1)
    stage.assign(1)
    stage.ready()
    [slot] = stage.alive()
    for _ in range(8):
        stage.let_pass(10)
        stage.end(slot, upto=0)
    assert not slot.killed
    assert not stage.own()


def test_no_slot_is_given_up_for_the_time_that_the_agent_itself_stood_still() -> None:
    stage = Stage(cpus=1)
    stage.assign(1)
    stage.ready()
    [slot] = stage.alive()
    stage.arrange(after=300.0)
    stage.let_pass(59)
    assert not slot.killed


def test_what_waits_behind_a_long_trial_is_taken_back_for_an_idle_slot() -> None:
    stage = Stage(cpus=2)
    stage.assign(3, seconds=0.01)
    stage.ready()
    [slot] = stage.alive()
    assert slot.batches == [["a0", "a1", "a2"]]
    stage.arrange(after=0.2)
    assert len(stage.alive()) == 2
    stage.ready()
    assert slot.asked[-1] == "take_back"
    stage.take(TakenBack(slot.name, ("a1", "a2")))
    assert stage.alive()[1].batches == [["a1", "a2"]]
    assert sorted(stage.fleet.held()) == ["a0", "a1", "a2"]


def test_slots_of_a_previous_life_are_taken_over_with_what_they_hold() -> None:
    stage = Stage(cpus=1)
    old = FakeSlot("old", Shape(), held=["x", "y"])
    stage.cluster.before.append(old)
    stage.fleet.adopt(0.0)
    assert not stage.fleet.is_settled()
    stage.take(Ready("old", Shape(), "n", ("x", "y")))
    assert stage.fleet.is_settled()
    assert stage.fleet.held() == ["x", "y"]
    assert old.asked == ["hello", "collect 0"]
    stage.fleet.obey(Command(attempt="y", action="return"), 0.0)
    assert old.commands == [("return", "y")]


def test_events_are_collected_again_only_when_the_service_has_them() -> None:
    stage = Stage(cpus=1)
    [attempt] = stage.assign(1)
    stage.ready()
    [slot] = stage.alive()
    assert slot.asked == ["hello", "collect 0"]
    said = stage.end(slot, attempt, upto=7)
    assert said is not None
    assert slot.asked[-1] == "collect 0"
    stage.arrange(after=11.0)
    assert slot.asked[-1] == "touch"
    stage.fleet.acknowledge(said.slot, said.chunk.upto)
    stage.arrange()
    assert slot.asked[-1] == "collect 7"


def test_orders_about_what_still_waits_are_answered_here() -> None:
    stage = Stage(cpus=1)
    stage.assign(3)
    for attempt, action in (("a0", "stop"), ("a1", "return"), ("a2", "forget")):
        stage.fleet.obey(Command.model_validate({"attempt": attempt, "action": action}), 0.0)
    assert [(event["kind"], event["attempt"]) for event in stage.own()] == [("stopped", "a0"), ("returned", "a1")]
    assert stage.fleet.held() == []


def test_a_shape_that_cannot_be_fails_what_waits_for_it() -> None:
    stage = Stage(cpus=1)
    stage.cluster.refuses = "1.5 GPUs cannot be given"
    stage.assign(2)
    assert [(event["code"], event["message"]) for event in stage.own()] == [("placement", stage.cluster.refuses)] * 2


def test_slots_that_never_come_up_are_given_up_after_three() -> None:
    stage = Stage(cpus=1)
    stage.assign(1)
    for _ in range(3):
        stage.lose(stage.alive()[0])
    assert [event["code"] for event in stage.own()] == ["placement"]
    stage.assign(1)
    assert len(stage.alive()) == 1


def test_what_finds_no_slot_is_handed_back() -> None:
    stage = Stage(cpus=1)
    stage.assign(1, cpus=4)
    assert not stage.own()
    stage.arrange(after=31.0)
    assert [event["kind"] for event in stage.own()] == ["returned"]


def test_a_bundle_is_given_to_a_slot_once_and_before_its_trials() -> None:
    stage = Stage(cpus=1)
    stage.assign(1, bundle="sha256:x")
    stage.ready()
    [slot] = stage.alive()
    assert stage.fleet.missing_bundles() == {"sha256:x"}
    assert not slot.batches
    stage.fleet.store_bundle("sha256:x", b"zip")
    stage.arrange()
    assert slot.provided == ["sha256:x"]
    stage.assign(1, bundle="sha256:x")
    assert slot.provided == ["sha256:x"]
    assert slot.batches == [["a0"], ["a1"]]


def test_slots_without_work_are_dropped_after_a_while() -> None:
    stage = Stage(cpus=2, idle_seconds=10.0, warm=1)
    stage.arrange()
    stage.ready()
    assert len(stage.alive()) == 1
    ids = stage.assign(2)
    stage.ready()
    for slot, attempt in zip(stage.alive(), ids, strict=True):
        said = stage.end(slot, attempt)
        assert said is not None
        stage.fleet.acknowledge(said.slot, said.chunk.upto)
    stage.arrange(after=11.0)
    assert len(stage.alive()) == 1
