"""A linear classifier of scikit-learn's digits whose data can drift: examples/stale/drift.py trains the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from caviar import Float

SPACE = {"learning_rate": Float(1e-6, 1.0, scale="log"), "alpha": Float(1e-7, 1e-1, scale="log")}


@lru_cache(maxsize=8)
def _parts(split: int) -> Any:
    from sklearn.datasets import load_digits  # noqa: PLC0415 - slow to import
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    return train_test_split(*load_digits(return_X_y=True), test_size=0.3, random_state=split)


def loss(params: Mapping[str, Any], number: int, split: int, unit: float) -> float:
    """Share of wrong digits after five passes; pixels go from 0 to 16 × `unit`."""
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415

    images, others, digits, truth = _parts(split)
    model = SGDClassifier(
        learning_rate="constant", eta0=params["learning_rate"], alpha=params["alpha"], max_iter=5, tol=None,
        random_state=number,
    )  # fmt: skip
    model.fit(images * unit, digits)
    return float(np.mean(model.predict(others * unit) != truth))
