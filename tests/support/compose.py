"""docker-compose.yml as local processes: its commands, environment and health checks, on free ports of 127.0.0.1."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
MARK = "CAVIAR_COMPOSE_TEST"
"""A variable that every process of a stack carries, and its children inherit."""
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?::?([-?])([^}]*))?\})")


class UnsetError(Exception):
    """A variable without a default is not set."""


def load(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in, as Compose does it. Raises UnsetError."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    filled: dict[str, Any] = _filled(document, variables)
    return filled


def _filled(part: Any, variables: Mapping[str, str]) -> Any:
    match part:
        case dict():
            return {key: _filled(value, variables) for key, value in part.items()}
        case list():
            return [_filled(value, variables) for value in part]
        case str():
            return _VARIABLE.sub(lambda found: _value(found, variables), part)
    return part


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    escaped, name, kind, rest = found.groups()
    if escaped:
        return "$"
    value = variables.get(name, "")
    if not value and kind == "?":
        raise UnsetError(f"{name}: {rest}")
    return value or (rest if kind == "-" else "")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The names of Compose's network, and its ports, as this machine's."""

    names: tuple[str, ...]
    ports: Mapping[str, str]

    def local(self, text: str) -> str:
        for inside, outside in self.ports.items():
            text = re.sub(rf"(?<![\w.]){inside}(?![\w.])", outside, text)
        for name in self.names:
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?=:\d)", "127.0.0.1", text)
        return text.replace("0.0.0.0", "127.0.0.1")


def free_ports(count: int) -> list[str]:
    """All of them held open until the last is found, so that they differ. Below Ray's range for workers' ports."""
    held = []
    for port in range(20_000 + os.getpid() % 10_000, 40_000):
        probe = socket.socket()
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.close()
            continue
        held.append(probe)
        if len(held) == count:
            break
    ports = [str(probe.getsockname()[1]) for probe in held]
    for probe in held:
        probe.close()
    return ports


class Local:
    """Processes of one stack, ended by id when its `with` is left, the youngest first."""

    def __init__(self, folder: Path, addresses: Addresses, mark: str) -> None:
        self.folder = folder
        self.mark = mark
        self._addresses = addresses
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _name, process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        """The service's own, and of this machine only what an image has too; nothing else comes in from outside."""
        given = {name: self._addresses.local(str(value)) for name, value in service.get("environment", {}).items()}
        image = {
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            MARK: self.mark,
        }
        return image | given

    def start(self, name: str, service: Mapping[str, Any], extra: Mapping[str, str], *options: str) -> None:
        """`extra` goes into the environment, `options` behind the command."""
        command = [self._addresses.local(part) for part in service["command"]]
        self.run(name, [*command, *options], self.environment(service) | extra)

    def run(self, name: str, command: list[str], environment: Mapping[str, str], **more: Any) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **more,
            )
        self._processes.append((name, process))

    def await_healthy(self, name: str, service: Mapping[str, Any], extra: Mapping[str, str], seconds: float) -> None:
        """Asks the service's own health check, a process each time, until it says yes."""
        test = [self._addresses.local(part) for part in service["healthcheck"]["test"]]
        assert test[0] == "CMD"
        environment = self.environment(service) | extra
        deadline = time.monotonic() + seconds
        while subprocess.run(test[1:], env=environment, capture_output=True, check=False, timeout=30).returncode:
            self.check(name)
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} is not healthy after {seconds:.0f} s:\n{self.log(name)}")

    def check(self, name: str) -> None:
        for other, process in self._processes:
            if other == name and process.poll() is not None:
                raise AssertionError(f"{name} ended with {process.returncode}:\n{self.log(name)}")

    def log(self, name: str, size: int = 4_000) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-size:]


def marked(mark: str) -> dict[int, str]:
    """The command lines of living processes that carry the mark."""
    found = {}
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return {pid: line for pid, line in found.items() if line}


def end(processes: Mapping[int, str]) -> None:
    for pid in processes:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
