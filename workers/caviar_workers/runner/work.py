"""Finding and calling a study's training function, and naming how it ended. Standard library only."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from caviar_workers.metrics import MAX_METRICS, is_name, number, wired
from caviar_workers.plain_text import plain
from caviar_workers.runner.line import ChildLine
from caviar_workers.trial import Trial, TrialStopped

MAX_MESSAGE = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    how: Literal["finished", "stopped", "failed"]
    detail: Any = None
    """finished: the final metrics. failed: [code, message]."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the trials of a study share."""

    call: Callable[[Trial], Any] | None
    problem: Outcome | None
    options: Mapping[str, Any]
    metric: str
    scratch: Path
    folder: str | None
    """Where the unpacked bundle lies, and the trial starts."""
    measure_memory: bool

    @classmethod
    def load(cls, path: str) -> Work:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        call, problem = _found(document)
        options, metric = document.get("options") or {}, document["metric"]
        scratch, folder = Path(document["scratch"]), document.get("folder")
        return cls(call, problem, options, metric, scratch, folder, bool(document.get("measure_memory")))


def run(work: Work, trial: Trial, line: ChildLine, attempt: str) -> Outcome:
    """Runs one trial to its end, whatever that is."""
    if work.call is None:
        return work.problem or Outcome("failed", ["import_error", "nothing to run"])
    if work.measure_memory:
        _forget_peak_memory()
    if work.folder:
        os.chdir(work.folder)
    pid, outcome = os.getpid(), Outcome("stopped")
    try:
        try:
            line.begin(attempt)
            outcome = _returned(work.call(trial), work.metric)
        finally:
            line.shut()
    except TrialStopped:
        pass
    except BaseException as error:  # noqa: BLE001  whatever user code raises ends its trial, not the child
        outcome = _raised(error)
    if os.getpid() != pid:  # the user's code forked, and the copy came back here
        os._exit(0)
    return Outcome("stopped") if line.end() else outcome


def _found(document: Mapping[str, Any]) -> tuple[Callable[[Trial], Any] | None, Outcome | None]:
    try:
        return _callable(document), None
    except BaseException as error:  # noqa: BLE001  a module may raise anything while it is imported
        traceback.print_exc()
        return None, Outcome("failed", ["import_error", last_line(error)])


def _callable(document: Mapping[str, Any]) -> Callable[[Trial], Any]:
    if document.get("builtin"):
        from caviar_workers.trainers import builtin  # noqa: PLC0415  needs numpy, which a user's interpreter may lack

        trainer, options = builtin(document["builtin"]), document.get("options") or {}
        return lambda trial: trainer(trial, options)
    if document.get("folder") and document["folder"] not in sys.path:
        sys.path.insert(0, document["folder"])
    module, _, name = document["function"].partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{document['function']} is {type(found).__name__}, which cannot be called")
    return found  # type: ignore[no-any-return]


def _returned(result: Any, metric: str) -> Outcome:
    """Lenient: hours of training shall not be lost over what a function returns."""
    if result is None:
        return Outcome("finished", {})
    if not isinstance(result, Mapping):
        result = {metric: result}
    final: dict[str, float] = {}
    for name, value in sorted(result.items(), key=lambda item: item[0] != metric):
        try:
            final |= _final(str(name), value, left=MAX_METRICS - len(final))
        except TypeError as error:
            sys.stderr.write(f"caviar: left out of the final metrics: {error}\n")
            if len(final) == MAX_METRICS:
                break
    return Outcome("finished", wired(final))


def _final(name: str, value: Any, left: int) -> dict[str, float]:
    if left == 0:
        raise TypeError(f"{name!r:.80} and what comes after it: there may be {MAX_METRICS}")
    if not is_name(name):
        raise TypeError(f"{name!r:.80}: this is no name of a metric")
    return {name: number(name, value)}


def _raised(error: BaseException) -> Outcome:
    if isinstance(error, SystemExit):
        return _exited(error.code)
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    with contextlib.suppress(Exception):
        traceback.print_exception(type(error), error, frames)
    if isinstance(error, MemoryError):
        return Outcome("failed", ["oom", last_line(error)])
    return Outcome("failed", ["import_error" if isinstance(error, ImportError) else "exception", last_line(error)])


def _exited(code: object) -> Outcome:
    if code in (None, 0):
        return Outcome("finished", {})
    if not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    return Outcome("failed", ["exit_code", f"exited with code {code}"])


def last_line(error: BaseException) -> str:
    """The last line of the traceback, and where it was."""
    lines = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
    text = lines[-1] if lines else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return plain(text[: MAX_MESSAGE - len(where)] + where)


def _forget_peak_memory() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
