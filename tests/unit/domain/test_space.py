"""A space turns points of the cube into configurations and back."""

import copy
import pickle
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.spaces import choices, searched, spaces, stepped

from caviar.domain.errors import InvalidInput
from caviar.domain.parameters import Choice, Constant, Float, Int, value_count
from caviar.domain.space import Space

seeds = st.integers(0, 2**32 - 1)

MIXED = Space(
    {
        "decay": Float(1e-3, 1, scale="log", when={"optimizer": ["sgd"]}),
        "learning_rate": Float(1e-4, 1, scale="log"),
        "batch_size": Int(16, 256, scale="log"),
        "units": Int(50, 100),
        "dropout": Float(0, 0.6, step=0.1),
        "optimizer": Choice(["sgd", "adam"]),
        "size": Choice(["s", "m", "l"], ordered=True),
        "layers": Choice([1, 2, 3]),
        "norm": Choice([True, False]),
        "any": Choice([1, "x", None, True]),
        "slope": Constant(0.5, when={"norm": [True]}),
        "beta": Constant(0.999),
    },
    [
        "units * layers <= 200",
        "optimizer == 'sgd' or not size == 's'",
        "any != 1",
        "decay < beta / 2",
        "not norm or slope < dropout + 0.5",
    ],
)


def sample(space, seed, count=16):
    return np.random.default_rng(seed).random((count, space.dimension))


def one(parameter):
    return Space({"x": parameter})


def even(parameter, count):
    """Decoded values of `count` evenly spread points."""
    units = ((np.arange(count) + 0.5) / count)[:, None]
    return [params["x"] for params in one(parameter).decode(units)]


def pointers(problems):
    return {problem.pointer: problem.detail for problem in problems}


@given(spaces, seeds)
def test_a_configuration_comes_back_from_its_units(space, seed):
    configurations = space.decode(sample(space, seed))
    units = np.array([space.encode(params) for params in configurations])
    for params, again in zip(configurations, space.decode(units), strict=True):
        assert params.keys() == again.keys()
        for name, value in params.items():
            parameter = space.parameters[name]
            if isinstance(parameter, Float) and parameter.step is None:
                assert again[name] == pytest.approx(value, rel=1e-9, abs=1e-9 * (parameter.high - parameter.low))
            else:
                assert (again[name], type(again[name])) == (value, type(value))


@given(spaces, seeds)
def test_snapped_units_stand_for_the_same_and_stay_where_they_are(space, seed):
    units = sample(space, seed)
    snapped = space.snap(units)
    assert space.decode(snapped) == space.decode(units)
    assert np.array_equal(space.snap(snapped), snapped)
    assert np.array_equal(space.active(snapped), space.active(units))
    assert np.all(snapped[~space.active(units)] == 0.5)
    encoded = np.array([space.encode(params) for params in space.decode(units)])
    assert np.allclose(encoded, snapped, rtol=0, atol=1e-3)  # narrow ranges lose digits


@given(spaces, seeds)
def test_what_is_decoded_passes_the_check(space, seed):
    for params in space.decode(sample(space, seed, 16)):
        assert space.check(params) == ()
        assert space.normalized(params) == params
        assert list(params) == [name for name in space.names if name in params]


@given(spaces, seeds)
def test_one_row_decodes_as_it_does_among_many(space, seed):
    units = sample(space, seed, 8)
    assert [space.decode(unit[None])[0] for unit in units] == space.decode(units)


@given(spaces, seeds)
def test_activity_says_which_keys_are_there(space, seed):
    units = sample(space, seed, 16)
    for params, active in zip(space.decode(units), space.active(units), strict=True):
        assert [name in params for name in space.columns] == active.tolist()


@given(spaces)
def test_parents_come_before_their_children(space):
    place = {name: index for index, name in enumerate(space.columns)}
    for name in space.columns:
        for parent in space.parameters[name].when or {}:
            assert isinstance(space.parameters[parent], Constant) or place[parent] < place[name]


@given(spaces)
def test_a_space_is_a_value(space):
    for again in (pickle.loads(pickle.dumps(space)), copy.deepcopy(space), Space(space.parameters)):
        assert again == space
        assert hash(again) == hash(space)
    assert space != Space({"other": Int(0, 1)})
    assert space != "space"


@given(searched(), st.lists(st.sampled_from([0.0, 1.0, -0.5, 1.5, 1e-300, 1 - 2**-53]), min_size=1))
def test_the_ends_of_the_cube_and_beyond_are_legal(parameter, units):
    space = one(parameter)
    for params in space.decode(np.array(units)[:, None]):
        assert space.check(params) == ()


@pytest.mark.parametrize(
    "parameter", [Int(50, 100), Int(0, 20, step=5), Float(0, 0.6, step=0.1), Choice(list("abcdefg")), Int(-3, 3)]
)
def test_each_value_owns_an_equal_cell(parameter):
    count = value_count(parameter)
    values = even(parameter, 1000 * count)
    assert len(set(values)) == count
    assert {values.count(value) for value in set(values)} == {1000}
    assert one(parameter).cells.tolist() == [count]


def test_the_ends_of_a_logarithmic_int_are_not_cut_short():
    values = even(Int(1, 16, scale="log"), 100_000)
    shares = [values.count(value) / 100_000 for value in range(1, 17)]
    expected = np.log((np.arange(1, 17) + 0.5) / (np.arange(1, 17) - 0.5)) / np.log(16.5 / 0.5)
    assert np.allclose(shares, expected, atol=1e-4)
    assert shares == sorted(shares, reverse=True)


def test_steps_on_a_logarithmic_scale_are_not_cut_short():
    values = even(Float(0.2, 1.0, step=0.2, scale="log"), 100_000)
    edges = np.log([0.1, 0.3, 0.5, 0.7, 0.9, 1.1])
    shares = [values.count(value) / 100_000 for value in (0.2, 0.4, 0.6, 0.8, 1.0)]
    assert np.allclose(shares, np.diff(edges) / (edges[-1] - edges[0]), atol=1e-4)


@pytest.mark.parametrize("parameter", [Int(0, 2**31 - 1), Int(-(2**50), 2**50), Int(7, 2**40, scale="log")])
def test_large_ranges_reach_both_ends_and_come_back(parameter):
    space = one(parameter)
    low, high = (params["x"] for params in space.decode(np.array([[0.0], [1.0]])))
    assert (low, high) == (parameter.low, parameter.high)
    assert space.cells.tolist() == [0]
    for value in (low, low + 1, (low + high) // 2 + 1, high - 1, high):
        assert space.decode(space.encode({"x": value})[None]) == [{"x": value}]


@given(st.integers(1, 2**31 - 1), st.data())
def test_every_int_of_a_range_can_be_had(width, data):
    offset = data.draw(st.integers(0, width))
    space = one(Int(-5, width - 5))
    assert space.decode(space.encode({"x": offset - 5})[None]) == [{"x": offset - 5}]


@given(stepped())
def test_steps_are_the_decimals_that_were_meant(parameter):
    low, step = Decimal(repr(parameter.low)), Decimal(repr(parameter.step))
    meant = {float(low + index * step) for index in range(value_count(parameter))}
    assert set(even(parameter, 50)) <= meant
    assert max(meant) <= parameter.high


def test_three_tenths_are_three_tenths():
    assert sorted(set(even(Float(0, 0.6, step=0.1), 700))) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert max(even(Float(0, 1, step=0.3), 700)) == 0.9
    odd = Float(1 / 3, 2, step=1 / 7)
    assert one(odd).check({"x": 1 / 3 + 3 * (1 / 7)}) == ()
    assert max(even(odd, 700)) <= 2


@given(choices)
def test_a_choice_keeps_its_values_and_their_types(values):
    found = even(Choice(values), 10 * len(values))[::10]
    assert [(value, type(value)) for value in found] == [(value, type(value)) for value in values]


def test_columns_are_described():
    assert MIXED.columns == (
        "learning_rate", "batch_size", "units", "dropout", "optimizer", "size", "layers", "norm", "any", "decay",
    )  # fmt: skip
    assert MIXED.cells.tolist() == [0, 0, 51, 7, 2, 3, 3, 2, 4, 0]
    assert MIXED.cells.dtype == np.int64
    assert MIXED.counts == (None, 241, 51, 7, 2, 3, 3, 2, 4, None)
    assert MIXED.is_choice.tolist() == [False, False, False, False, True, False, True, True, True, False]
    assert (MIXED.dimension, MIXED.names[0], MIXED.cardinality) == (10, "decay", None)


def test_cells_end_at_65536():
    assert one(Int(1, 65_536)).cells.tolist() == [65_536]
    assert one(Int(0, 65_536)).cells.tolist() == [0]


def test_a_space_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        MIXED.cells[0] = 3
    with pytest.raises(TypeError):
        MIXED.parameters["x"] = Int(0, 1)


def test_the_document_is_that_of_each_parameter():
    document = one(Int(0, 9)).to_document()
    assert document == {"x": {"type": "int", "low": 0, "high": 9}}


def test_a_child_of_an_inactive_parent_is_inactive():
    space = Space(
        {
            "grandchild": Float(0, 1, when={"child": ["x"]}),
            "child": Choice(["x", "y"], when={"root": [1]}),
            "root": Int(0, 1),
            "both": Float(0, 1, when={"root": [1], "child": ["y"]}),
        }
    )
    rows = {(0.1, 0.1): {"root"}, (0.9, 0.1): {"root", "child", "grandchild"}, (0.9, 0.9): {"root", "child", "both"}}
    assert space.columns == ("root", "child", "both", "grandchild")
    for (root, child), keys in rows.items():
        assert set(space.decode(np.array([[root, child, 0.5, 0.5]]))[0]) == keys


def test_constants_are_handed_out_when_their_condition_holds():
    rows = MIXED.decode(sample(MIXED, 1, 64))
    assert {row["beta"] for row in rows} == {0.999}
    assert all(("slope" in row) == row["norm"] for row in rows)
    hidden = Space({"mode": Constant("fast"), "a": Int(0, 1), "b": Int(0, 1, when={"mode": ["slow"]})})
    assert hidden.decode(np.array([[0.1, 0.1]])) == [{"mode": "fast", "a": 0}]


@given(seeds)
def test_constraints_hold_for_columns_exactly_when_they_hold_for_one(seed):
    units = sample(MIXED, seed, 24)
    alone = [not MIXED.check(params) for params in MIXED.decode(units)]
    assert MIXED.feasible(units).tolist() == alone
    assert MIXED.feasible_share(units) == np.mean(alone)


def test_a_constraint_that_names_an_inactive_parameter_holds():
    space = Space({"a": Choice(["x", "y"]), "b": Float(0, 1, when={"a": ["x"]})}, ["b < 0.5"])
    assert space.feasible(np.array([[0.1, 0.1], [0.1, 0.9], [0.9, 0.9]])).tolist() == [True, False, True]


def test_what_constraints_leave_is_measured():
    units = sample(one(Int(0, 1)), 0, 1000)
    assert one(Int(0, 1)).feasible_share(units) == 1.0
    assert Space({"x": Int(0, 1)}, ["x > 5"]).feasible_share(units) == 0.0
    assert Space({"x": Float(0, 1)}, ["x < 0.25"]).feasible_share(units) == pytest.approx(0.25, abs=0.05)
    assert Space({"x": Int(0, 1)}, ["x > 5"]).feasible_share(units[:0]) == 1.0


def test_empty_samples_are_no_trouble():
    nothing = np.empty((0, MIXED.dimension))
    assert MIXED.decode(nothing) == []
    assert MIXED.snap(nothing).shape == MIXED.active(nothing).shape == (0, 10)
    assert MIXED.feasible(nothing).shape == (0,)


@pytest.mark.parametrize("shape", [(10,), (3, 9), (1, 1, 10)])
def test_units_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"units must be \(n, 10\)"):
        MIXED.decode(np.zeros(shape))


def test_a_configuration_is_checked_whole():
    found = MIXED.check(
        {
            "lerning_rate": 0.1,
            "optimizer": "adam",
            "decay": 0.1,
            "batch_size": 512,
            "units": 50.5,
            "dropout": 0.25,
            "size": "xl",
            "layers": True,
            "norm": 1,
            "beta": 1,
        }
    )
    assert pointers(found) == {
        "/learning_rate": "is missing",
        "/any": "is missing",
        "/lerning_rate": 'there is no such parameter. Did you mean "learning_rate"?',
        "/decay": 'is active only with optimizer = "sgd": leave it out',
        "/batch_size": "must lie between 16 and 256, not 512",
        "/units": "must be a whole number, not 50.5",
        "/dropout": "must be 0.0 plus a multiple of 0.1, not 0.25",
        "/size": 'must be one of "s", "m", "l", not "xl"',
        "/layers": "must be one of 1, 2, 3, not true",
        "/norm": "must be one of true, false, not 1",
        "/beta": "is constant: 0.999, not 1",
    }


GOOD = {
    "learning_rate": 1, "batch_size": 16, "units": 50, "dropout": 0.1 * 6, "optimizer": "sgd", "size": "s",
    "layers": 2, "norm": False, "any": None, "decay": 0.01,
}  # fmt: skip


def test_a_configuration_by_hand_takes_the_form_of_a_decoded_one():
    assert MIXED.check(GOOD) == ()
    found = MIXED.normalized(GOOD)
    assert list(found) == [name for name in MIXED.names if name != "slope"]
    assert (found["dropout"], found["beta"], type(found["learning_rate"])) == (0.6, 0.999, float)
    assert "slope" in MIXED.normalized(GOOD | {"norm": True})
    assert Space({"x": Choice([1, "a"])}).normalized({"x": 1.0}) == {"x": 1}


def test_a_broken_constraint_is_told_with_its_values():
    assert pointers(MIXED.check(GOOD | {"units": 100, "layers": 3})) == {
        "": 'breaks the constraint "units * layers <= 200" with units = 100, layers = 3'
    }
    assert pointers(MIXED.check(GOOD | {"any": 1})) == {"/any": 'breaks the constraint "any != 1" with any = 1'}


def test_constraints_wait_until_the_values_are_right():
    assert list(pointers(MIXED.check(GOOD | {"units": 1000, "layers": 3}))) == ["/units"]


def test_a_part_of_a_configuration_can_be_checked():
    assert MIXED.check_partial({}) == ()
    assert MIXED.check_partial({"decay": 0.1}) == ()
    assert MIXED.check_partial({"units": 100}) == ()
    assert list(pointers(MIXED.check_partial({"units": 100, "layers": 3}))) == [""]
    assert list(pointers(MIXED.check_partial({"decay": 0.1, "optimizer": "adam"}))) == ["/decay"]
    assert list(pointers(MIXED.check_partial({"decay": 0.1, "optimizer": "x"}))) == ["/optimizer"]


def test_values_from_anywhere_are_looked_at_before_they_are_used():
    bad = [None, True, "1", [1], {}, float("nan"), float("inf"), 10**400, b"1", object()]
    for name in ("learning_rate", "batch_size", "dropout", "size", "beta"):
        for value in bad:
            assert f"/{name}" in pointers(MIXED.check({name: value}))
    assert list(pointers(MIXED.check_partial({3: 1}))) == ["/3"]


def test_a_part_is_encoded_and_the_rest_stands_in_the_middle():
    unit = MIXED.encode({"decay": 1e-3, "optimizer": "adam"})
    assert unit[MIXED.columns.index("decay")] == 0.0
    assert unit[MIXED.columns.index("optimizer")] == 0.75
    assert np.sum(unit == 0.5) == 8


def test_values_out_of_place_are_not_encoded():
    with pytest.raises(InvalidInput) as caught:
        MIXED.encode({"size": "xl", "units": 1, "dropout": "x"})
    assert set(pointers(caught.value.errors)) == {"/size", "/units", "/dropout"}
