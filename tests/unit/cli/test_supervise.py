from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from caviar.cli.supervisor.program import Program
from caviar.cli.supervisor.supervise import GaveUp, Supervisor


@dataclass
class FakeRunning:
    """A process that lives until the test, or a request to end, says otherwise."""

    program: Program
    how: str | None = None
    asked_at: float | None = None
    killed: bool = False
    stubborn: bool = False

    def exit(self) -> str | None:
        return self.how

    def ask_to_end(self, now: float, grace: float) -> None:
        if self.asked_at is None:
            self.asked_at = now
            self.how = None if self.stubborn else "exit code 0"
        elif now - self.asked_at >= grace:
            self.kill_group()

    def kill_group(self) -> None:
        self.killed = True
        self.how = self.how or "killed by SIGKILL"


@dataclass
class Machine:
    """The supervised processes by name, in the order of their starts."""

    log: Path
    ready: dict[str, bool] = field(default_factory=lambda: {"service": True, "ray": True, "agent": True})
    started: list[FakeRunning] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    came_up: list[str] = field(default_factory=list)

    def supervisor(self) -> Supervisor:
        agent = self.program("agent", needs=("service", "ray"), bound_to=("ray",))
        programs = [self.program("service"), self.program("ray"), agent]
        return Supervisor(programs, say=self.said.append, on_ready=self.came_up.append, start=self.start)

    def program(self, name: str, **more: Any) -> Program:
        return Program(name, list, self.log, lambda _: self.ready[name], **more)

    def start(self, program: Program) -> Any:
        self.started.append(FakeRunning(program))
        return self.started[-1]

    def names(self) -> list[str]:
        return [running.program.name for running in self.started]

    def last(self, name: str) -> FakeRunning:
        return [running for running in self.started if running.program.name == name][-1]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "x.log")


def test_the_agent_waits_for_what_it_needs(machine: Machine) -> None:
    machine.ready["ray"] = False
    supervisor = machine.supervisor()
    supervisor.step(0.0)
    supervisor.step(0.1)
    assert machine.names() == ["service", "ray"]
    machine.ready["ray"] = True
    supervisor.step(0.2)
    supervisor.step(0.3)
    assert machine.names() == ["service", "ray", "agent"]
    assert machine.came_up == ["service", "ray", "agent"]


def up(machine: Machine) -> Supervisor:
    supervisor = machine.supervisor()
    for tick in range(4):
        supervisor.step(tick / 10)
    return supervisor


def test_what_crashed_starts_again_after_a_while_and_alone(machine: Machine) -> None:
    supervisor = up(machine)
    machine.last("service").how = "killed by SIGKILL"
    supervisor.step(1.0)
    supervisor.step(1.4)
    assert machine.names() == ["service", "ray", "agent"]
    supervisor.step(1.5)
    assert machine.names() == ["service", "ray", "agent", "service"]
    assert "the service ended (killed by SIGKILL); starting it again in 0.5 s" in machine.said[0]


def test_the_agent_goes_with_ray_and_comes_back_with_it(machine: Machine) -> None:
    supervisor = up(machine)
    first = machine.last("agent")
    machine.last("ray").how = "exit code 1"
    supervisor.step(1.0)
    assert first.asked_at == 1.0
    for now in (1.6, 1.7, 1.8):
        supervisor.step(now)
    assert machine.names() == ["service", "ray", "agent", "ray", "agent"]
    assert len(machine.said) == 1


def test_what_hangs_at_its_start_is_killed_and_started_again(machine: Machine) -> None:
    machine.ready["ray"] = False
    supervisor = machine.supervisor()
    for now in (0.0, 121.0, 121.1, 121.6):
        supervisor.step(now)
    assert machine.names() == ["service", "ray", "ray"]
    assert "the ray is not ready after 121 s" in machine.said[0]


def test_what_never_comes_up_ends_with_the_end_of_its_log(machine: Machine) -> None:
    machine.ready["service"] = False
    machine.log.write_text("Traceback\nValueError: no such database\n")
    supervisor = machine.supervisor()
    with pytest.raises(GaveUp, match="ValueError: no such database"):
        crash_for_ever(machine, supervisor)


def crash_for_ever(machine: Machine, supervisor: Supervisor) -> None:
    for now in range(0, 100, 5):
        supervisor.step(float(now))
        machine.last("service").how = "exit code 1"


def test_shutting_down_goes_from_the_last_to_the_first(machine: Machine) -> None:
    supervisor = up(machine)
    clock = iter(range(100))
    supervisor.shut_down(clock=lambda: float(next(clock)), wait=lambda _: None, hurry=lambda: False)
    asked = sorted(machine.started, key=lambda running: running.asked_at or 0.0)
    assert [running.program.name for running in asked] == ["agent", "ray", "service"]
    assert all(running.killed for running in machine.started)


def test_what_does_not_end_in_time_is_killed(machine: Machine) -> None:
    supervisor = up(machine)
    machine.last("agent").stubborn = True
    clock = iter(range(1000))
    supervisor.shut_down(clock=lambda: float(next(clock)), wait=lambda _: None, hurry=lambda: False)
    assert machine.last("agent").how == "killed by SIGKILL"
