"""`caviar agent`: becomes the agent's process, so that signals and exit codes are its own."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from caviar.cli.supervisor.stack import AGENT_TOKEN_FILE
from caviar.client.discovery import TOKEN, URL, local_server, read_token
from caviar.domain.errors import InvalidInput, MissingExtra, Problem, Unauthorized


def become_agent(server: str | None, options: Sequence[str], folder: Path) -> None:
    """`options` are those of `python -m caviar_workers`. Never returns.

    The token is given through the environment: a command line can be read by everyone.
    """
    if find_spec("ray") is None:
        raise MissingExtra("Ray, which trials run on,", "workers")
    local = local_server(folder)
    url = server or os.environ.get(URL) or (local.url if local else None)
    if url is None:
        raise InvalidInput((Problem("", "no service to work for"),), hint=f"give --server URL, or set {URL}")
    token = os.environ.get(TOKEN) or (read_token(folder, AGENT_TOKEN_FILE) if local and local.url == url else None)
    if token is None:
        raise Unauthorized("an agent needs a token", hint=f"set {TOKEN} to the service's agent token")
    command = [sys.executable, "-m", "caviar_workers", "--server", url, *options]
    os.execve(sys.executable, command, {**os.environ, TOKEN: token})  # noqa: S606  (no shell is wanted)
