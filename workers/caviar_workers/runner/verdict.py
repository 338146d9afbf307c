"""How an attempt ended: a pure judgement of what its process said and did."""

from __future__ import annotations

import signal
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from caviar_workers.protocol import FailureCode
from caviar_workers.runner.messages import Ended, Unstartable
from caviar_workers.runner.process import Exit

NEARLY = 0.95
"""A SIGKILL from elsewhere at this share of the memory limit is taken for one of the kernel's."""


class Wanted(StrEnum):
    """Why the slot itself ends an attempt."""

    STOP = "stop"
    TIMEOUT = "timeout"
    SILENCE = "silence"
    MEMORY = "memory"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Facts:
    objective: str
    seen: Collection[str] = ()
    """Names of the metrics reported so far."""
    wanted: Wanted | None = None
    killed: bool = False
    """The slot had to send SIGKILL."""
    trial_seconds: float | None = None
    silence_seconds: float | None = None
    memory_mb: float = 0.0
    peak_mb: float = 0.0
    oom_kills: int = 0
    """How often the kernel killed for memory while this attempt ran."""
    last_output: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    metrics: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Halted:
    killed: bool = False


@dataclass(frozen=True, slots=True)
class Died:
    code: FailureCode
    message: str
    infrastructure: bool = False


@dataclass(frozen=True, slots=True)
class Unspoken:
    """The attempt is no longer ours: nothing is said of it."""


Verdict = Completed | Halted | Died | Unspoken
End = Ended | Exit | Unstartable


def judge(end: End, facts: Facts) -> Verdict:
    """The one place where deaths get their names."""
    match facts.wanted:
        case Wanted.FORGET:
            return Unspoken()
        case Wanted.MEMORY:
            message = f"used {facts.peak_mb:.0f} MB of memory, {facts.memory_mb:.0f} MB are allowed"
            return Died(FailureCode.OOM, message)
        case Wanted.TIMEOUT if not _finished(end):
            return Died(FailureCode.TIMEOUT, f"ran longer than {facts.trial_seconds:g} s")
        case Wanted.SILENCE if not _finished(end):
            return Died(FailureCode.TIMEOUT, f"reported nothing for {facts.silence_seconds:g} s")
        case Wanted.STOP if isinstance(end, Exit):
            return Halted(facts.killed)
    return _judge_undisturbed(end, facts)


def _judge_undisturbed(end: End, facts: Facts) -> Verdict:
    match end:
        case Ended():
            return _judge_words(end, facts)
        case Unstartable():
            return Died(FailureCode.IMPORT, end.reason)
        case Exit(signal=int(number)):
            return _killed_by(number, facts)
        case Exit(code=0):
            return _completed({}, facts)
        case Exit():
            return Died(FailureCode.EXIT, _with_output(f"exited with code {end.code}", facts))
        case _:
            assert_never(end)


def _judge_words(end: Ended, facts: Facts) -> Verdict:
    if end.how == "finished":
        return _completed(end.detail, facts)
    if end.how == "stopped":
        return Halted(facts.killed)
    code, message = end.detail
    return Died(_failure_code(code), message)


def _completed(metrics: Mapping[str, float | str], facts: Facts) -> Verdict:
    if facts.objective in metrics or facts.objective in facts.seen:
        return Completed(metrics)
    known = ", ".join(sorted({*metrics, *facts.seen})[:20]) or "nothing"
    return Died(FailureCode.METRIC_MISSING, f"ended without the metric {facts.objective!r}; it reported {known}")


def _killed_by(number: int, facts: Facts) -> Died:
    name = signal_name(number)
    if number == signal.SIGKILL:
        if facts.oom_kills > 0:
            return Died(FailureCode.OOM, "killed by the kernel, which was out of memory")
        if 0 < facts.memory_mb * NEARLY <= facts.peak_mb:
            return Died(FailureCode.OOM, f"killed at {facts.peak_mb:.0f} MB of {facts.memory_mb:.0f} MB")
    return Died(FailureCode.SIGNAL, _with_output(f"killed by {name}", facts))


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _with_output(message: str, facts: Facts) -> str:
    return f"{message}: {facts.last_output}" if facts.last_output else message


def _finished(end: End) -> bool:
    return isinstance(end, Ended) and end.how == "finished"


def _failure_code(code: str) -> FailureCode:
    try:
        return FailureCode(code)
    except ValueError:
        return FailureCode.EXCEPTION
