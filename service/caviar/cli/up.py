"""`caviar up`: the service, a local Ray and an agent, until told to stop."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec

from caviar.cli.supervisor.folder import Announcement, announced, locked, prepare
from caviar.cli.supervisor.ports import choose_port
from caviar.cli.supervisor.signals import StopSignals
from caviar.cli.supervisor.stack import Exposure, Stack
from caviar.cli.supervisor.supervise import Say, Supervisor, supervise
from caviar.client.client import Client
from caviar.client.discovery import TOKEN_FILE, read_token
from caviar.domain.errors import CaviarError, MissingExtra


def serve(asked: Stack, *, say: Say) -> None:
    """Returns when told to stop, with nothing left running. Of the stack, port 0 stands for any that is free."""
    _check_installed(with_agent=asked.with_agent)
    _check_exposure(asked.host, asked.exposure)
    prepare(asked.folder)
    with locked(asked.folder), announced(asked.folder) as announcement, StopSignals() as signals:
        stack = replace(asked, port=choose_port(asked.host, asked.port))
        supervisor = Supervisor(stack.programs(), say=say, on_ready=_on_ready(stack, announcement, say))
        supervise(supervisor, signals.wait, signals.impatient)
        say("stopped")


def _check_installed(*, with_agent: bool) -> None:
    if find_spec("fastapi") is None or find_spec("sqlalchemy") is None:
        raise MissingExtra("The service", "server")
    if with_agent and find_spec("ray") is None:
        raise MissingExtra("Ray, which trials run on,", "workers")


def _check_exposure(host: str, exposure: Exposure) -> None:
    from caviar.api.binding import check_binding  # noqa: PLC0415  (it is known to be installed now)

    check_binding(host, exposure.tls_cert, exposure.tls_key, behind_proxy=exposure.behind_proxy)


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
        f"Caviar serves at {stack.public_url}",
        f"data folder: {stack.folder}",
        f"admin token: {stack.folder / TOKEN_FILE}",
        _way_in(stack),
        *agent,
        "Ctrl-C stops it; the data folder is kept.",
    ]


def _way_in(stack: Stack) -> str:
    try:
        with Client(stack.url, read_token(stack.folder)) as client:
            link = client.login_link().removeprefix(stack.url)
            return f"dashboard, opens once: {stack.public_url}{link}"
    except CaviarError as error:
        return f"dashboard: `caviar login-link` prints a link ({error.detail})"
