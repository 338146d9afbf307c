"""A trial that only writes down what is reported."""

from collections.abc import Iterator
from typing import Any


class RecordedTrial:
    def __init__(self, **params: Any) -> None:
        self.params = params
        self.reports: list[tuple[float, dict[str, float]]] = []

    def steps(self, n: int) -> Iterator[int]:
        return iter(range(1, n + 1))

    def report(self, *, step: float, **metrics: float) -> None:
        self.reports.append((step, metrics))

    def series(self, name: str) -> list[float]:
        return [metrics[name] for _, metrics in self.reports]
