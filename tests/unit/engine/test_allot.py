from hypothesis import given
from hypothesis import strategies as st

from caviar.engine.allot import BATCH_MOST, Amounts, Claim, allot, amounts, fits_ever, slot_depth


def claim(study: str, most: int = 100, **shape: float) -> Claim:
    return Claim(study, amounts(**shape), most)


def test_one_study_gets_what_fits() -> None:
    assert allot((amounts(cpus=4), amounts(cpus=3)), (claim("a", cpus=2),)) == {"a": 3}


def test_fractions_of_a_gpu_fill_each_gpu_node() -> None:
    assert allot((amounts(cpus=8, gpus=2),), (claim("a", cpus=1, gpus=0.5),)) == {"a": 4}


def test_tenths_are_not_lost_to_rounding() -> None:
    assert allot((amounts(cpus=1),), (claim("a", cpus=0.1),)) == {"a": 10}


def test_two_studies_get_half_each() -> None:
    assert allot((amounts(cpus=8),), (claim("a", cpus=1), claim("b", cpus=1))) == {"a": 4, "b": 4}


def test_fairness_counts_resources_not_slots() -> None:
    assert allot((amounts(cpus=12),), (claim("a", cpus=3), claim("b", cpus=1))) == {"a": 2, "b": 6}


def test_what_one_study_does_not_want_the_other_gets() -> None:
    assert allot((amounts(cpus=8),), (claim("a", 1, cpus=1), claim("b", cpus=1))) == {"a": 1, "b": 7}


def test_a_custom_resource_is_needed_where_it_is_asked_for() -> None:
    nodes = (amounts(cpus=8, custom={"a100": 1}), amounts(cpus=8))
    assert allot(nodes, (Claim("a", amounts(cpus=1, custom={"a100": 1}), 9),)) == {"a": 1}


def test_an_autoscaling_cluster_is_asked_for_more_than_fits() -> None:
    assert allot((amounts(cpus=2),), (claim("a", cpus=1),), 3) == {"a": 5}
    assert allot((amounts(cpus=2),), (claim("a", cpus=1), claim("b", cpus=1)), 2) == {"a": 2, "b": 2}


def test_no_nodes_no_slots() -> None:
    assert allot((), (claim("a", cpus=1),)) == {"a": 0}


def test_a_shape_that_no_node_holds_never_fits() -> None:
    assert fits_ever((amounts(cpus=2, gpus=1),), amounts(gpus=1))
    assert not fits_ever((amounts(cpus=2), amounts(gpus=1)), amounts(cpus=1, gpus=1))


shapes = st.builds(amounts, cpus=st.sampled_from([0.5, 1, 2, 3]), gpus=st.sampled_from([0, 0.25, 0.5, 1]))
claims = st.lists(st.tuples(shapes, st.integers(0, 20)), min_size=1, max_size=4)
nodes = st.lists(st.builds(amounts, cpus=st.integers(1, 16), gpus=st.integers(0, 4)), max_size=4)


@given(nodes, claims)
def test_slots_never_exceed_claims_nor_any_resource(has: list[Amounts], wants: list[tuple[Amounts, int]]) -> None:
    asked = tuple(Claim(f"s{index}", shape, most) for index, (shape, most) in enumerate(wants))
    given_slots = allot(tuple(has), asked)
    for each in asked:
        assert 0 <= given_slots[each.study] <= each.most
    for name in ("cpus", "gpus"):
        used = sum(given_slots[each.study] * dict(each.shape).get(name, 0) for each in asked)
        assert used <= sum(dict(node).get(name, 0) for node in has) + 1e-6


@given(nodes, shapes)
def test_nothing_is_left_idle_that_a_lone_study_could_use(has: list[Amounts], shape: Amounts) -> None:
    slots = allot(tuple(has), (Claim("a", shape, 10_000),))["a"]
    fit = sum(min(int(dict(node).get(name, 0) / amount + 1e-9) for name, amount in shape) for node in has)
    assert slots == fit


def test_short_trials_are_leased_in_two_batches_and_long_ones_one_by_one() -> None:
    assert slot_depth(None) == 1
    assert slot_depth(0.0002) == 2 * BATCH_MOST
    assert slot_depth(0.01) == 6
    assert slot_depth(0.5) == 2
    assert slot_depth(30.0) == 1
