"""Which checkpoints go: never one that an unfinished trial, or somebody else, is about to use."""

from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.spec import CheckpointSpec
from caviar.engine.retention import MEGABYTE, Kept, Standing, superfluous

RUNNING, GOOD, BAD = Standing(ended=False, loss=0.5), Standing(ended=True, loss=0.1), Standing(ended=True, loss=0.9)


def kept(trial: str, *steps: float, size: int = MEGABYTE, age: int = 0) -> list[Kept]:
    return [Kept(f"{trial}{step:g}", trial, step, size, age + index) for index, step in enumerate(steps)]


def left(every: list[Kept], trials: dict[str, Standing], policy: CheckpointSpec, **more: object) -> set[str]:
    gone = {removal.id for removal in superfluous(every, trials, policy, **more)}  # type: ignore[arg-type]
    return {each.id for each in every} - gone


def test_a_running_trial_keeps_its_newest_and_a_spare_an_ended_one_its_newest() -> None:
    every = [*kept("a", 1, 2, 3), *kept("b", 1, 2, 3)]
    assert left(every, {"a": RUNNING, "b": GOOD}, CheckpointSpec()) == {"a2", "a3", "b3"}


def test_only_the_best_ended_trials_keep_theirs() -> None:
    every = [*kept("a", 1), *kept("b", 1), *kept("c", 1), *kept("d", 1)]
    trials = {"a": RUNNING, "b": GOOD, "c": BAD, "d": Standing(ended=True, loss=None)}
    assert left(every, trials, CheckpointSpec(keep="best", best=1)) == {"a1", "b1"}


def test_at_rungs_the_first_one_that_reached_it_stays() -> None:
    every = kept("a", 1, 2, 4, 5, 9, 10)
    assert left(every, {"a": GOOD}, CheckpointSpec(keep="rungs"), rungs=(1, 3, 9)) == {"a1", "a4", "a9", "a10"}


def test_beyond_the_size_the_worst_go_first() -> None:
    every = [*kept("a", 1, 2), *kept("b", 1), *kept("c", 1)]
    trials = {"a": RUNNING, "b": GOOD, "c": BAD}
    assert left(every, trials, CheckpointSpec(max_mb=3)) == {"a1", "a2", "b1"}
    assert left(every, trials, CheckpointSpec(max_mb=1)) == {"a2"}


def test_a_removal_says_why() -> None:
    [removal] = superfluous(kept("a", 1, 2), {"a": GOOD}, CheckpointSpec())
    assert removal.why == "There is a newer one, of step 2."


@given(
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 30)), max_size=30),
    ended=st.sets(st.sampled_from("abc")),
    policy=st.builds(
        CheckpointSpec,
        keep=st.sampled_from(["newest", "best", "rungs"]),
        best=st.integers(1, 3),
        max_mb=st.none() | st.integers(1, 20),
    ),
    pins=st.sets(st.integers(0, 29)),
)
def test_what_is_needed_always_stays(
    steps: list[tuple[str, int]], ended: set[str], policy: CheckpointSpec, pins: set[int]
) -> None:
    every = [Kept(str(age), trial, step, MEGABYTE, age) for age, (trial, step) in enumerate(steps)]
    trials = {trial: Standing(trial in ended, 0.1) for trial in "abc"}
    newest = {each.trial: each.id for each in every}
    needed = {id_ for trial, id_ in newest.items() if trial not in ended} | {
        str(pin) for pin in pins if pin < len(every)
    }
    stays = left(every, trials, policy, rungs=(1, 3, 9), pinned={str(pin) for pin in pins})
    assert needed <= stays
    if policy.max_mb is not None:
        assert len(stays) <= max(policy.max_mb, len(needed))
