"""uvicorn, with an end of its own: SIGTERM lets all who wait go, finishes what is under way, and exits with 0."""

import logging
import socket
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from caviar.api.service import Service
from caviar.api.settings import Settings
from caviar.domain.errors import Unavailable

BACKLOG = 2_048
KEEP_ALIVE_SECONDS = 60
"""Longer than an agent's longest poll, so that it keeps its connection."""


class Server(uvicorn.Server):
    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=settings.shutdown_seconds,
                server_header=False,
                ws="none",
                ssl_certfile=settings.tls_cert,
                ssl_keyfile=settings.tls_key,
                proxy_headers=settings.behind_proxy,
                forwarded_allow_ips=settings.proxy_addresses,
            )
        )
        self._service: Service = app.state.service
        self._scheme = "http" if settings.tls_cert is None else "https"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """A second signal does not wait for requests. (The signal is not raised again at the end, as uvicorn would.)"""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._service.wakeups.drain()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            sys.stdout.write(f"caviar service ready on {url_of(sockets[0], self._scheme)}\n")
            sys.stdout.flush()


def serve(app: FastAPI, settings: Settings) -> None:
    """Returns when told to stop."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with bound(settings.host, settings.port) as listening:
        Server(app, settings).run([listening])


def bound(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises Unavailable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise Unavailable(f"Can't listen on {host}:{port}: {error.strerror or error}.") from error
    return listening


def url_of(listening: socket.socket, scheme: str) -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
