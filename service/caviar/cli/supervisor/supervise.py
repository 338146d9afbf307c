"""The loop over the supervised processes. What to do is decided by `policy`; here it is done.

A program that never came up and crashed again and again ends the supervisor: a wrong setting is not cured by patience.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from caviar.cli.supervisor.policy import Life, Phase, became_ready, crashed, is_due, started, was_stopped
from caviar.cli.supervisor.program import Program, Running, tail
from caviar.domain.errors import CaviarError

TURN: Final = 0.1

Say = Callable[[str], None]


class GaveUp(CaviarError):  # noqa: N818
    """A process could not be brought up."""

    code = "gave_up"


@dataclass(slots=True)
class Child:
    program: Program
    life: Life = field(default_factory=Life)
    running: Running | None = None

    @property
    def is_up(self) -> bool:
        return self.life.phase is Phase.UP


class Supervisor:
    """`step` is one look at every process; `shut_down` ends them all, the last one first."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        say: Say,
        on_ready: Callable[[str], None],
        start: Callable[[Program], Running] = Running.start,
    ) -> None:
        self._children = {program.name: Child(program) for program in programs}
        self._say = say
        self._on_ready = on_ready
        self._start = start

    def step(self, now: float) -> None:
        """Raises GaveUp."""
        for child in self._children.values():
            if child.running is not None:
                self._look_after(child, child.running, now)
            elif is_due(child.life, now) and all(self._children[name].is_up for name in child.program.needs):
                child.running = self._start(child.program)
                child.life = started(child.life, now)

    def shut_down(
        self, *, clock: Callable[[], float], wait: Callable[[float], None], hurry: Callable[[], bool]
    ) -> None:
        """`hurry` says whether to kill at once instead of asking."""
        for child in reversed(self._children.values()):
            running = child.running
            while running is not None and running.exit() is None:
                running.ask_to_end(clock(), 0.0 if hurry() else child.program.grace)
                wait(TURN / 2)
            if running is not None:
                running.kill_group()
            child.running, child.life = None, was_stopped(child.life, clock())

    def _look_after(self, child: Child, running: Running, now: float) -> None:
        how = running.exit()
        if how is not None:
            self._ended(child, running, how, now)
        elif running.asked_at is not None or self._lost_its_ground(child):
            running.ask_to_end(now, child.program.grace)
        elif child.life.phase is Phase.STARTING:
            self._await_ready(child, running, now)

    def _await_ready(self, child: Child, running: Running, now: float) -> None:
        alive = now - child.life.since
        if child.program.ready(alive):
            child.life = became_ready(child.life, now)
            self._on_ready(child.program.name)
        elif alive > child.program.patience:
            self._say(f"the {child.program.name} is not ready after {alive:.0f} s. Log: {child.program.log}")
            running.kill_group()

    def _lost_its_ground(self, child: Child) -> bool:
        return any(not self._children[name].is_up for name in child.program.bound_to)

    def _ended(self, child: Child, running: Running, how: str, now: float) -> None:
        running.kill_group()
        child.running = None
        if running.asked_at is not None:
            child.life = was_stopped(child.life, now)
            return
        child.life = crashed(child.life, now)
        name, log = child.program.name, child.program.log
        if child.life.phase is Phase.GIVEN_UP:
            raise GaveUp(
                f"the {name} does not come up ({how}, {child.life.failures} times). The end of its log:\n{tail(log)}",
                hint=f"all of it is in {log}",
            )
        self._say(f"the {name} ended ({how}); starting it again in {child.life.not_before - now:g} s. Log: {log}")


def supervise(supervisor: Supervisor, wait: Callable[[float], bool], hurry: Callable[[], bool]) -> None:
    """Until `wait(seconds)` is true: a signal came. Leaves no process behind, whatever happens."""
    try:
        while not wait(TURN):
            supervisor.step(time.monotonic())
    finally:
        supervisor.shut_down(clock=time.monotonic, wait=time.sleep, hurry=hurry)
