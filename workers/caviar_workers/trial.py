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


Nudge = tuple[str, dict[str, Any]]
"""The nudge's id, and all parameters that are to be in force."""


class TrialStopped(BaseException):
    """The service ended this trial. Clean up and let it pass: it is no `Exception`, so `except Exception` does."""


class TrialPaused(TrialStopped):
    """The trial goes on later, in another process, from its newest checkpoint."""


class Shelf(Protocol):
    """Where checkpoints are kept for other processes to go on from."""

    def save(self, path: Path, step: float) -> None: ...

    def restore(self) -> tuple[Path, float] | None: ...


class Line(Protocol):
    """The way from a trial to its slot; never the network."""

    def report(self, report: Report) -> None: ...

    def check(self) -> None:
        """Raises TrialStopped when the trial has been told to stop."""

    def pausing(self) -> bool:
        """Whether the trial has been told to end between two steps, to go on later."""

    def take_nudges(self) -> list[Nudge]:
        """What has come since the last call, in its order."""

    def nudged(self, nudge: str, step: float) -> None:
        """Says that the parameters of a nudge are in force after `step`."""


class Trial:
    """One configuration to train: its parameters in, its metrics out."""

    def __init__(self, line: Line, *, params: Mapping[str, Any], number: int, id: str,  # noqa: A002
                 options: Mapping[str, Any], folder: Path, shelf: Shelf | None = None) -> None:  # fmt: skip
        self._values = dict(params)
        self.params: Mapping[str, Any] = MappingProxyType(self._values)
        """The configuration, read-only and live: a nudge changes it within `report`, or when `steps` goes on."""
        self.number = number
        self.id = id
        self.options: Mapping[str, Any] = options
        self._line: Line | None = line
        self._folder = folder
        self._shelf = shelf
        self._step = 0.0
        self._in_steps = False
        self._thinner = Thinner()
        self._pending: Report | None = None
        self._checkpoint: tuple[Path, float] | None = None
        self._pause_seen = False

    @property
    def folder(self) -> Path:
        """A scratch folder of this trial's own, gone when the trial has ended."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def steps(self, n: int) -> Iterator[int]:
        """The steps still to do, counted from 1 to n: step k means that k of them are done once it is reported.

        They begin after the step of what `restore` gave; where it was not called they begin with the first.
        """
        done = int(self._checkpoint[1]) if self._checkpoint else 0
        for step in range(done + 1, n + 1):
            line = self._open_line()
            line.check()
            self._take_nudges(line, float(step - 1))
            if line.pausing():
                raise TrialPaused
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
        self._take_nudges(line, self._step)
        self._pause_if_told(line)
        self._pause_seen = line.pausing()

    def checkpoint(self, path: str | Path, step: float | None = None) -> None:
        """Keeps a copy of a file or a folder that holds the state of training after `step`.

        It is whole and on disk when this returns, which takes as long as copying it does. Another attempt of the
        trial, on whatever node, can go on from it. Raises FileNotFoundError, or OSError when it could not be stored.
        """
        line = self._open_line()
        self._checkpoint = (Path(path), self._step if step is None else _finite(step))
        if self._shelf is not None:
            self._shelf.save(*self._checkpoint)
        self._pause_if_told(line)

    def restore(self) -> Path | None:
        """The newest whole checkpoint of this trial, a file or a folder as it was saved; None where there is none.

        The copy is this attempt's own and goes with its folder.
        """
        if self._checkpoint is None and self._shelf is not None:
            self._checkpoint = self._shelf.restore()
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

    def _take_nudges(self, line: Line, step: float) -> None:
        for nudge, params in line.take_nudges():
            self._values.update(params)
            for name in self._values.keys() - params.keys():
                del self._values[name]
            line.nudged(nudge, step)

    def _pause_if_told(self, line: Line) -> None:
        """Within `steps` a pause waits for the next one: this step shall be reported and saved. Elsewhere it waits for
        a checkpoint of the last step reported, if the code makes any, but not for longer than one more report."""
        if self._in_steps or not line.pausing():
            return
        saved = self._checkpoint is not None and self._checkpoint[1] >= self._step
        if saved or self._pause_seen or self._checkpoint is None:
            raise TrialPaused

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
