"""uvicorn, with an end of its own: SIGTERM lets all who wait go, finishes what is under way, and exits with 0."""

import asyncio
import logging
import socket
import sys
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caviar.api.service import Service
from caviar.api.settings import Settings
from caviar.api.wakeups import Wakeups
from caviar.domain.errors import Unavailable

BACKLOG = 2_048
KEEP_ALIVE_SECONDS = 60
"""Longer than an agent's longest poll, so that it keeps its connection."""
TICK_SECONDS = 1.0
"""As often as the Date header of answers changes."""


class LastAnswers:
    """ASGI: an answer given while the service ends closes its connection.

    uvicorn closes those it has when the end begins; one that was just being accepted would live on, and be waited for.
    """

    def __init__(self, app: ASGIApp, wakeups: Wakeups) -> None:
        self._app = app
        self._wakeups = wakeups

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def closing_send(message: Message) -> None:
            if self._wakeups.draining and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, closing_send)


class Server(uvicorn.Server):
    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self._service: Service = app.state.service
        super().__init__(
            uvicorn.Config(
                LastAnswers(app, self._service.wakeups),
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
        self._scheme = "http" if settings.tls_cert is None else "https"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """A second signal does not wait for requests. (The signal is not raised again at the end, as uvicorn would.)

        It interrupts the loop's own thread anywhere, so it takes no lock: what it asks for is done on the loop.
        """
        self.force_exit = self.should_exit
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._service.wakeups.drain()
        self._ended.set()

    async def main_loop(self) -> None:
        """uvicorn's own looks ten times a second whether it is to end, half of what an idle service would cost."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._ended.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
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
