"""A command's arguments, and the reports among the lines it prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from caviar_workers.metrics import MAX_METRICS, is_name, wired
from caviar_workers.runner.environment import as_text
from caviar_workers.runner.messages import Reported

LONGEST_LINE = 65_536
_NAME = r"[A-Za-z_][A-Za-z0-9_.]*"
_PLACEHOLDER = re.compile(rf"\{{(\{{{_NAME}\}})\}}|\{{({_NAME})\}}")


def filled(command: Sequence[str], params: Mapping[str, Any]) -> list[str]:
    """The command's arguments with each {name} replaced; one that this configuration lacks leaves nothing, and
    {{name}} stands for the text {name}."""
    return [
        _PLACEHOLDER.sub(lambda found: found.group(1) or as_text(params.get(found.group(2))), part) for part in command
    ]


class PrintedLines:
    """Tells reports from other output. A line longer than 64 KiB is output, whatever is in it."""

    def __init__(self, objective: str) -> None:
        self._objective = objective
        self._step = 0.0
        self._rest = b""
        self._too_long = False

    def feed(self, data: bytes, at: float) -> Iterator[Reported | bytes]:
        """Reports, and everything else as it was."""
        *whole, rest = data.split(b"\n")
        for line in whole:
            yield self._line(line, at)
        if rest:
            yield from self._unfinished(rest)

    def finish(self, at: float) -> Iterator[Reported | bytes]:
        """The last line, if it had no newline."""
        if self._rest:
            found = self._line(b"", at)
            yield found.rstrip(b"\n") if isinstance(found, bytes) else found

    def _line(self, end: bytes, at: float) -> Reported | bytes:
        line, self._rest = self._rest + end, b""
        if self._too_long:
            self._too_long = False
            return line + b"\n"
        return self._report(line, at) or line + b"\n"

    def _unfinished(self, rest: bytes) -> Iterator[bytes]:
        self._rest += rest
        if self._too_long or len(self._rest) > LONGEST_LINE:
            self._too_long = True
            output, self._rest = self._rest, b""
            yield output

    def _report(self, line: bytes, at: float) -> Reported | None:
        if not line.lstrip().startswith(b"{"):
            return None
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            return None
        metrics = metrics_in(document)
        if self._objective not in metrics:
            return None
        step = metrics.pop("step", None)
        self._step = step if step is not None and isfinite(step) else self._step + 1
        return Reported(self._step, dict(wired(metrics)), at)


def metrics_in(document: Any) -> dict[str, float]:
    """The numbers of a JSON object; what is no number is left out."""
    if not isinstance(document, dict):
        return {}
    numbers = {name: _number(value) for name, value in list(document.items())[:MAX_METRICS] if is_name(name)}
    return {name: value for name, value in numbers.items() if value is not None}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return float(value) if value in ("NaN", "Infinity", "-Infinity") else None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
