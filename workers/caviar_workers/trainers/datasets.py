"""The data that built-in trainers learn from: scikit-learn's bundled sets by name, or a .npz or .csv file by path.

What was read is kept for the life of the process, so that a warm child reads it once for all its trials.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from caviar_workers.trainers.arguments import TrainerError, unknown

Task = Literal["classification", "regression"]
TASKS: Final = ("classification", "regression")
BUNDLED: Final = ("breast_cancer", "diabetes", "digits", "iris", "wine")
MOST_CLASSES: Final = 20
"""Whole numbers with more distinct values are taken for quantities, unless the option `task` says otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """`features` (n, d) float64. `targets` (n,): float64 for regression, else int64 indexes into `classes`."""

    features: NDArray[np.float64]
    targets: NDArray[Any]
    classes: tuple[str, ...]

    @property
    def task(self) -> Task:
        return "classification" if self.classes else "regression"


class Split(NamedTuple):
    """Features standardised by the training part. `train_y` and `val_y` are (n, k): one column per class with a 1 in
    the row's own, or for regression one column, standardised by the training part as well."""

    train_x: NDArray[Any]
    train_y: NDArray[Any]
    val_x: NDArray[Any]
    val_y: NDArray[Any]
    task: Task


def load(name: str, target: str = "", task: str = "") -> Dataset:
    """`name` is one of BUNDLED or the path of a .npz (arrays X, y) or .csv file (numbers; a header line is optional).

    `target` names the column to predict (default: the last) or the array (default: y). `task` overrides what is
    guessed of the targets: text, and whole numbers with at most 20 distinct values, are classes.
    """
    if name in BUNDLED:
        return _bundled(name)
    path = Path(name)
    if path.suffix not in {".npz", ".csv"}:
        raise TrainerError(f"dataset {unknown(name, BUNDLED)}, and paths that end in .npz or .csv")
    if not path.is_file():
        raise TrainerError(f"dataset: there is no file {path} (looked in {Path.cwd()})")
    status = path.stat()
    return _file(path.resolve(), status.st_mtime_ns, status.st_size, target, task)


@lru_cache(maxsize=8)
def split(data: Dataset, share: float, seed: int, dtype: DTypeLike) -> Split:
    """A validation part of about `share`, drawn by `seed` with each class in proportion."""
    held_out = _validation_rows(data, share, seed)
    train = ~held_out
    if not (train.any() and held_out.any()):
        raise TrainerError(f"validation: a share of {share:g} of {len(train)} rows leaves one part empty")
    x = _standardised(data.features, train)
    y = np.eye(len(data.classes))[data.targets] if data.classes else _standardised(data.targets[:, None], train)
    return Split(
        train_x=_sealed(np.ascontiguousarray(x[train], dtype)),
        train_y=_sealed(np.ascontiguousarray(y[train], dtype)),
        val_x=_sealed(np.ascontiguousarray(x[held_out], dtype)),
        val_y=_sealed(np.ascontiguousarray(y[held_out], dtype)),
        task=data.task,
    )


def _validation_rows(data: Dataset, share: float, seed: int) -> NDArray[np.bool_]:
    """Each class (or all rows) is shuffled and dealt so that every stretch of it holds its share of validation rows."""
    rows = np.random.default_rng([seed, 0]).permutation(len(data.targets))
    if data.classes:
        rows = rows[np.argsort(data.targets[rows], kind="stable")]
    steps = np.floor((np.arange(len(rows) + 1) + 0.5) * share)
    held_out = np.zeros(len(rows), dtype=bool)
    held_out[rows] = np.diff(steps) > 0
    return held_out


def _standardised(values: NDArray[Any], train: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Columns that are constant in the training part become 0."""
    mean, deviation = values[train].mean(axis=0), values[train].std(axis=0)
    constant = deviation <= 1e-12 * np.maximum(1.0, np.abs(mean))
    scaled: NDArray[np.float64] = (values - mean) / np.where(constant, 1.0, deviation)
    scaled[:, constant] = 0.0
    return scaled


@lru_cache(maxsize=len(BUNDLED))
def _bundled(name: str) -> Dataset:
    try:
        from sklearn import datasets  # noqa: PLC0415  (a second of imports that a .csv doesn't need)
    except ImportError as missing:
        raise TrainerError(f"dataset {name} comes with scikit-learn: pip install 'caviar[workers]'") from missing
    features, targets = getattr(datasets, f"load_{name}")(return_X_y=True)
    return _dataset(features, targets, "regression" if name == "diabetes" else "classification", name)


@lru_cache(maxsize=4)
def _file(path: Path, _modified: int, _size: int, target: str, task: str) -> Dataset:
    features, targets = _read_npz(path, target) if path.suffix == ".npz" else _read_csv(path, target)
    return _dataset(features, targets, task, path.name)


def _read_npz(path: Path, target: str) -> tuple[NDArray[Any], NDArray[Any]]:
    label = target or "y"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = [name for name in ("X", label) if name not in arrays]
            if missing:
                raise TrainerError(f"dataset {path.name} has no array {missing[0]}; it has {', '.join(arrays)}")
            return arrays["X"], arrays[label]
    except (ValueError, OSError, EOFError) as broken:
        raise broken if isinstance(broken, TrainerError) else TrainerError(f"dataset {path.name}: {broken}") from broken


def _read_csv(path: Path, target: str) -> tuple[NDArray[Any], NDArray[Any]]:
    rows = _rows(path)
    header = [] if not rows or (_are_numbers(rows[0][:-1]) and not target) else rows.pop(0)
    if not rows:
        raise TrainerError(f"dataset {path.name} is empty")
    column, first_row = _target_column(path, header, target), 1 + bool(header)
    uneven = [number for number, row in enumerate(rows, first_row) if len(row) != len(rows[0])]
    if uneven:
        raise TrainerError(f"dataset {path.name}: row {uneven[0]} has another number of columns than the first")
    table = np.array(rows, dtype=str)
    labels = table[:, column]
    targets = labels.astype(np.float64) if _are_numbers(labels) else labels
    return _numbers(path, np.delete(table, column, axis=1), first_row), targets


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [row for row in csv.reader(file) if row]
    except (csv.Error, UnicodeDecodeError) as broken:
        raise TrainerError(f"dataset {path.name} is not a .csv file in UTF-8: {broken}") from broken


def _target_column(path: Path, header: list[str], target: str) -> int:
    if not target:
        return -1
    if target not in header:
        raise TrainerError(f"target: column {unknown(target, header)} in {path.name}")
    return header.index(target)


def _numbers(path: Path, table: NDArray[Any], first_row: int) -> NDArray[np.float64]:
    try:
        return table.astype(np.float64)
    except ValueError:
        row, text = next((i, cell) for i, line in enumerate(table) for cell in line if not _are_numbers([cell]))
    raise TrainerError(f"dataset {path.name}, row {first_row + row}: {str(text)!r} is not a number")


def _are_numbers(cells: Any) -> bool:
    try:
        np.asarray(cells, dtype=np.float64)
    except ValueError:
        return False
    return True


def _dataset(features: NDArray[Any], targets: NDArray[Any], task: str, name: str) -> Dataset:
    x = _finite(features, f"dataset {name}: X")
    if x.ndim != 2 or targets.ndim != 1 or len(x) != len(targets) or not x.size:
        raise TrainerError(f"dataset {name}: X must be (rows, columns) and y (rows,), not {x.shape}, {targets.shape}")
    if (task or _guess(targets)) == "regression":
        return Dataset(_sealed(x), _sealed(_finite(targets, f"dataset {name}: y")), ())
    classes, indexes = np.unique(targets, return_inverse=True)
    if len(classes) < 2:
        raise TrainerError(f"dataset {name}: all rows are of one class")
    return Dataset(_sealed(x), _sealed(indexes.astype(np.int64)), tuple(str(one) for one in classes))


def _guess(targets: NDArray[Any]) -> Task:
    if targets.dtype.kind in "SUb":
        return "classification"
    few = targets.dtype.kind in "iuf" and len(np.unique(targets)) <= MOST_CLASSES
    return "classification" if few and np.array_equal(targets, np.round(targets)) else "regression"


def _finite(values: NDArray[Any], what: str) -> NDArray[np.float64]:
    try:
        numbers = values.astype(np.float64)
    except (ValueError, TypeError) as text:
        raise TrainerError(f"{what} must hold numbers") from text
    if not np.isfinite(numbers).all():
        raise TrainerError(f"{what} holds values that are missing or not finite")
    return numbers


def _sealed(values: NDArray[Any]) -> NDArray[Any]:
    values.setflags(write=False)
    return values
