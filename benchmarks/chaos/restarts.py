"""The service and the agent go and come again while trials run: killed, and told to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from benchmarks.chaos.enduring import course, enduring, goes_on, let_go
from benchmarks.chaos.history import History
from benchmarks.chaos.stage.stage import Setting, Stage, until

from caviar.storage.database import Database

ENDS_WITHIN = 10.0


@dataclass
class Restarts:
    """`seconds`: by kind, how long until all trials had reported again. `found`: what did not hold."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    drains: list[float] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{kind}: {len(took)} times; all trials had reported again after {sorted(took)[len(took) // 2]:.1f} s "
            f"(median), {max(took):.1f} s at most"
            for kind, took in self.seconds.items()
        ]
        return "\n".join([*lines, *([f"SIGTERM to exit: {max(self.drains):.2f} s at most"] if self.drains else [])])


def restart(folder: Path, trials: int, times: int, history: History, setting: Setting | None = None) -> Restarts:
    done = Restarts()
    staging = setting or Setting(cpus=trials, lease_seconds=30.0)
    with enduring(folder, staging, trials, history) as (stage, database):
        acts = {"service killed": _kill("service"), "agent killed": _kill("agent"), "service drained": _drain}
        for kind, act in acts.items():
            for _ in range(times):
                _once(kind, act, stage, database, done)
        done.found += let_go(stage, database, history)
    return done


def _once(kind: str, act: Callable[[Stage, Restarts], None], stage: Stage, database: Database, done: Restarts) -> None:
    before = course(stage, database)
    act(stage, done)
    after, seconds = goes_on(stage, database, before)
    done.seconds.setdefault(kind, []).append(seconds)
    done.found += [f"{kind}: {line}" for line in before.differences(after)]


def _kill(name: str) -> Callable[[Stage, Restarts], None]:
    def act(stage: Stage, _done: Restarts) -> None:
        part = stage.parts[name]
        until(lambda: part.pid is not None, f"the {name} is there", 600.0)
        part.send(signal.SIGKILL)

    return act


def _drain(stage: Stage, done: Restarts) -> None:
    """A kept connection sees readiness go; no answer is an error; it ends with 0 in time."""
    part = stage.parts["service"]
    stage.await_ready()
    ended = len(part.codes)
    with stage.client() as http:
        http.get("/readyz")
        part.send(signal.SIGTERM)
        began = time.monotonic()
        done.found += [f"an answer of {status} while it ended" for status in _answers(http, part.codes, ended)]
    until(lambda: len(part.codes) > ended, "the service has ended", 30.0, pause=0.01)
    done.drains.append(time.monotonic() - began)
    if part.codes[ended] != 0:
        done.found.append(f"the service ended with {part.codes[ended]} after SIGTERM")
    if done.drains[-1] > ENDS_WITHIN:
        done.found.append(f"the service took {done.drains[-1]:.1f} s to end")


def _answers(http: httpx2.Client, codes: list[int], ended: int) -> list[int]:
    """Asks for readiness until there is no answer; the answers that were neither yes nor 503."""
    wrong = []
    with suppress(httpx2.HTTPError):
        while len(codes) == ended:
            status = http.get("/readyz", timeout=5.0).status_code
            wrong += [status] if status not in (200, 503) else []
    return wrong
