import numpy as np
import pytest

from caviar_workers.trainers import TrainerError
from caviar_workers.trainers.datasets import BUNDLED, load, split

SHAPES = {"breast_cancer": (569, 30), "diabetes": (442, 10), "digits": (1797, 64), "iris": (150, 4), "wine": (178, 13)}


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_data_is_whole_and_known_for_what_it_is(name):
    data = load(name)
    assert data.features.shape == SHAPES[name]
    assert data.task == ("regression" if name == "diabetes" else "classification")


def test_data_is_read_once_and_can_not_be_changed_by_a_trial():
    assert load("iris") is load("iris")
    assert split(load("iris"), 0.2, 0, np.float32) is split(load("iris"), 0.2, 0, np.float32)
    with pytest.raises(ValueError, match="read-only"):
        load("iris").features[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        split(load("iris"), 0.2, 0, np.float32).train_x[0, 0] = 1


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 0.9])
def test_the_split_keeps_its_share_in_each_class(share):
    part = split(load("iris"), share, 3, np.float64)
    assert part.val_y.sum(axis=0).tolist() == pytest.approx([50 * share] * 3, abs=1)
    assert len(part.train_x) + len(part.val_x) == 150


def test_no_row_is_in_both_parts():
    data = load("digits")
    part = split(data, 0.2, 5, np.float64)
    both = np.concatenate([part.train_x, part.val_x])
    assert len(np.unique(both, axis=0)) == len(np.unique(data.features, axis=0))


def test_another_seed_is_another_split_and_the_same_seed_the_same():
    first, again, other = (split(load("wine"), 0.25, seed, np.float64) for seed in (1, 1, 2))
    assert np.array_equal(first.val_x, again.val_x)
    assert not np.array_equal(first.val_x, other.val_x)


def test_columns_are_standardised_by_the_training_part_and_constant_ones_are_zero():
    part = split(load("digits"), 0.2, 0, np.float64)
    np.testing.assert_allclose(part.train_x.mean(axis=0), 0, atol=1e-12)
    deviations = part.train_x.std(axis=0)
    assert np.all(np.isclose(deviations, 1) | (deviations == 0))
    assert np.all(part.train_x[:, 0] == 0)
    regression = split(load("diabetes"), 0.2, 0, np.float64)
    assert regression.train_y.std() == pytest.approx(1)


def test_arrays_come_from_an_npz(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, X=np.arange(12.0).reshape(6, 2), y=np.array(["a", "b"] * 3), price=np.linspace(0, 1, 6))
    assert load(str(path)).classes == ("a", "b")
    assert load(str(path), target="price").task == "regression"


def test_a_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("1,0\n2,1\n")
    assert len(load(str(path)).features) == 2
    path.write_text("1,0\n2,1\n3,1\n")
    assert len(load(str(path)).features) == 3


def test_a_csv_needs_no_header_and_its_last_column_is_the_target(tmp_path):
    path = tmp_path / "flowers.csv"
    path.write_text("1,2.5,setosa\n3,4,virginica\n\n5,6,setosa\n")
    data = load(str(path))
    assert data.features.tolist() == [[1, 2.5], [3, 4], [5, 6]]
    assert data.classes == ("setosa", "virginica")


def test_a_csv_with_a_header_gives_the_column_that_is_asked_for(tmp_path):
    path = tmp_path / "houses.csv"
    path.write_text("price,rooms,area\n100.5,3,70\n90.25,2,50\n", encoding="utf-8-sig")
    data = load(str(path), target="price")
    assert (data.features.tolist(), data.targets.tolist()) == ([[3, 70], [2, 50]], [100.5, 90.25])
    assert load(str(path)).classes == ("50.0", "70.0")
    assert load(str(path), task="regression").targets.tolist() == [70, 50]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "is empty"),
        ("a,b\n1,x\noops,y\n", {}, "row 3: 'oops' is not a number"),
        ("a,b\n1,x\n1,2,3\n", {}, "row 3 has another number of columns"),
        ("a,b\n1,2\n", {"target": "c"}, "c is not known.*accepted are a, b"),
        ("1,x\nnan,y\n", {}, "missing or not finite"),
        ("1,x\n2,x\n", {}, "all rows are of one class"),
        ("a,b\n", {}, "is empty"),
        ("1\n2\n", {}, "X must be"),
        ("\udcff,1\n", {}, "not a .csv file in UTF-8"),
        ("1,x\n2,y\n", {"task": "regression"}, "y must hold numbers"),
    ],
)
def test_a_csv_that_can_not_be_used_says_why(tmp_path, text, options, message):
    path = tmp_path / "bad.csv"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(TrainerError, match=message):
        load(str(path), **options)


def test_an_npz_that_can_not_be_used_says_why(tmp_path):
    broken, incomplete, pickled = (tmp_path / f"{name}.npz" for name in "abc")
    broken.write_bytes(b"not a zip")
    np.savez(incomplete, data=np.zeros(3))
    np.savez(pickled, X=np.array([[object()]], dtype=object), y=np.zeros(1))
    for path, message in ((broken, "a.npz"), (incomplete, "has no array X; it has data"), (pickled, "pickle")):
        with pytest.raises(TrainerError, match=message):
            load(str(path))


def test_a_name_that_is_not_known_is_refused():
    with pytest.raises(TrainerError, match=r"did you mean digits\?"):
        load("digit")
    with pytest.raises(TrainerError, match=r"there is no file nowhere\.csv"):
        load("nowhere.csv")


def test_a_split_with_an_empty_part_is_refused(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("1,x\n2,y\n")
    with pytest.raises(TrainerError, match="leaves one part empty"):
        split(load(str(path)), 0.01, 0, np.float32)
