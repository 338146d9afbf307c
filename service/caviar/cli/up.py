"""`caviar up`: the service, a local Ray and an agent, until told to stop."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from caviar.cli.supervisor.folder import Announcement, announced, locked, prepare
from caviar.cli.supervisor.ports import choose_port
from caviar.cli.supervisor.signals import StopSignals
from caviar.cli.supervisor.stack import Stack
from caviar.cli.supervisor.supervise import Say, Supervisor, supervise
from caviar.client.discovery import TOKEN_FILE
from caviar.domain.errors import MissingExtra


def serve(host: str, port: int, folder: Path, database_url: str | None, *, with_agent: bool, say: Say) -> None:
    """Returns when told to stop, with nothing left running."""
    _check_installed(with_agent=with_agent)
    prepare(folder)
    with locked(folder), announced(folder) as announcement, StopSignals() as signals:
        stack = Stack(host, choose_port(host, port), folder, database_url, with_agent)
        supervisor = Supervisor(stack.programs(), say=say, on_ready=_on_ready(stack, announcement, say))
        supervise(supervisor, signals.wait, signals.impatient)
        say("stopped")


def _check_installed(*, with_agent: bool) -> None:
    if find_spec("fastapi") is None or find_spec("sqlalchemy") is None:
        raise MissingExtra("The service", "server")
    if with_agent and find_spec("ray") is None:
        raise MissingExtra("Ray, which trials run on,", "workers")


def _on_ready(stack: Stack, announcement: Announcement, say: Say) -> Callable[[str], None]:
    served = False

    def on_ready(name: str) -> None:
        nonlocal served
        if name != "service" or served:
            say(f"the {name} is ready")
            return
        served = True
        announcement.publish(stack.url, os.getpid(), datetime.now(UTC))
        for line in _greeting(stack):
            say(line)

    return on_ready


def _greeting(stack: Stack) -> list[str]:
    agent = [] if stack.with_agent else ["no agent: start one with `caviar agent --server URL`"]
    return [
        f"Caviar serves at {stack.url}",
        f"data folder: {stack.folder}",
        f"admin token: {stack.folder / TOKEN_FILE}",
        *agent,
        "Ctrl-C stops it; the data folder is kept.",
    ]
