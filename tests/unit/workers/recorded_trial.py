"""A trial that only writes down what is reported."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class RecordedTrial:
    def __init__(self, **params: Any) -> None:
        self.params = params
        self.reports: list[tuple[float, dict[str, float]]] = []
        self.kept: dict[float, Path] = {}
        """Checkpoints by step."""
        self.begin_with: tuple[Path, int] | None = None
        self.folder: Path
        """For those that keep checkpoints."""

    def steps(self, n: int) -> Iterator[int]:
        return iter(range(1 + (self.begin_with[1] if self.begin_with else 0), n + 1))

    def checkpoint(self, path: Path, step: float) -> None:
        self.kept[step] = Path(shutil.copy(path, self.folder / f"kept-{step:g}"))

    def restore(self) -> Path | None:
        return self.begin_with[0] if self.begin_with else None

    def report(self, *, step: float, **metrics: float) -> None:
        self.reports.append((step, metrics))

    def series(self, name: str) -> list[float]:
        return [metrics[name] for _, metrics in self.reports]
