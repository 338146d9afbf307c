"""The trial that training code sees. Standard library only: it must run under any interpreter of the user's."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from caviar_workers.metrics import checked, number, wired
from caviar_workers.thinning import Thinner

Report = tuple[float, dict[str, float | str], float]
"""Step, metrics as JSON carries them, and the clock's seconds since the epoch."""


class TrialStopped(BaseException):
    """The service ended this trial. Clean up and let it pass: it is no `Exception`, so `except Exception` does."""


class Line(Protocol):
    """The way from a trial to its slot; never the network."""

    def report(self, report: Report) -> None: ...

    def check(self) -> None:
        """Raises TrialStopped when the trial has been told to stop."""


class Trial:
    """One configuration to train: its parameters in, its metrics out."""

    def __init__(self, line: Line, *, params: Mapping[str, Any], number: int, id: str,  # noqa: A002
                 options: Mapping[str, Any], folder: Path) -> None:  # fmt: skip
        self.params: Mapping[str, Any] = MappingProxyType(dict(params))
        """The configuration, read-only and live: what is changed from outside shows between reports."""
        self.number = number
        self.id = id
        self.options: Mapping[str, Any] = options
        self._line: Line | None = line
        self._folder = folder
        self._step = 0.0
        self._in_steps = False
        self._thinner = Thinner()
        self._pending: Report | None = None
        self._checkpoint: tuple[Path, float] | None = None

    @property
    def folder(self) -> Path:
        """A scratch folder of this trial's own, gone when the trial has ended."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def steps(self, n: int) -> Iterator[int]:
        """The steps still to do, counted from 1 to n: step k means that k of them are done once it is reported."""
        done = int(self._checkpoint[1]) if self._checkpoint else 0
        for step in range(done + 1, n + 1):
            self._open_line().check()
            self._step, self._in_steps = float(step), True
            yield step
        self._in_steps = False

    def report(self, values: Mapping[str, Any] | float | None = None, /, step: float | None = None,
               **metrics: Any) -> None:  # fmt: skip
        """Metrics of one step: `report(step=3, loss=0.2)`, `report({"loss": 0.2}, step=3)`, or without a step.

        NaN and infinities are allowed. Raises TypeError for what is no number, TrialStopped when told to stop.
        """
        line = self._open_line()
        step, metrics = _sorted_out(values, step, metrics)
        self._step = self._next_step() if step is None else _finite(step)
        report = (self._step, wired(checked(metrics)), time.time())
        if self._thinner.keep(time.monotonic()):
            self._pending = None
            line.report(report)
        else:
            self._pending = report
        line.check()

    def checkpoint(self, path: str | Path, step: float | None = None) -> None:
        """Remembers where the state of training after `step` was saved."""
        self._checkpoint = (Path(path), self._step if step is None else _finite(step))

    def restore(self) -> Path | None:
        """The newest checkpoint of this trial, or None."""
        return self._checkpoint[0] if self._checkpoint else None

    def flush(self) -> None:
        """Sends the last report if it was held back from a flood of them."""
        if self._pending is not None and self._line is not None:
            self._line.report(self._pending)
            self._pending = None

    def close(self) -> None:
        """For the runner: from now on this object only refuses."""
        self.flush()
        self._line = None

    def _open_line(self) -> Line:
        if self._line is None:
            raise RuntimeError(f"trial {self.number} has ended: it takes no more reports")
        return self._line

    def _next_step(self) -> float:
        return self._step if self._in_steps else self._step + 1

    def __repr__(self) -> str:
        return f"Trial(number={self.number}, params={dict(self.params)})"


def _sorted_out(values: Mapping[str, Any] | float | None, step: float | None,
                metrics: dict[str, Any]) -> tuple[float | None, dict[str, Any]]:  # fmt: skip
    """The step and the metrics, however they were given."""
    if isinstance(values, Mapping):
        merged = {**values, **metrics}
        return (merged.pop("step", None) if step is None else step), merged
    if values is None:
        return step, metrics
    if step is not None:
        raise TypeError("report() takes a mapping of metrics and a step, or keyword arguments")
    return values, metrics


def _finite(step: Any) -> float:
    value = number("step", step)
    if not abs(value) < float("inf"):
        raise ValueError(f"a step must be finite, not {value}")
    return value
