"""The three processes of `caviar up`: the service, a local Ray, and an agent between the two."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from caviar.cli.supervisor.ports import url_of
from caviar.cli.supervisor.program import Program
from caviar.cli.supervisor.ready import answers, lives_for
from caviar.client.discovery import read_token

AGENT_TOKEN_FILE: Final = "agent-token"  # noqa: S105  (a file's name)
"""Made by the service at its first start, like the admin token."""
RAY_ADDRESS_FILE: Final = "ray-address"
"""Written by the Ray process when Ray is up, removed before it starts."""
RAY_TOKEN_FILE: Final = "ray-token"  # noqa: S105  (a file's name)
"""Ray's own secret, made by the Ray process: Ray listens on every interface."""

WARM_SLOTS: Final = "2"
"""Slots that are always ready, so that a study's first trials do not wait for actors to start."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How the service is reached: with TLS of its own, through a proxy, by `public_url`. Nothing: on this machine."""

    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    public_url: str | None = None

    @property
    def options(self) -> list[str]:
        """Those of `python -m caviar.api`."""
        tls = [] if self.tls_cert is None else ["--tls-cert", str(self.tls_cert), "--tls-key", str(self.tls_key)]
        return [*tls, *(["--behind-proxy"] if self.behind_proxy else [])]


@dataclass(frozen=True, slots=True)
class Stack:
    host: str
    port: int
    folder: Path
    database_url: str | None = None
    with_agent: bool = True
    exposure: Exposure = Exposure()
    checkpoint_url: str | None = None
    """Where checkpoints are kept; None: in the data folder."""

    @property
    def url(self) -> str:
        """For programs on this machine. A certificate is for a name: with TLS that is the public one, if given."""
        exposure = self.exposure
        if exposure.tls_cert is None:
            return url_of(self.host, self.port)
        return exposure.public_url or url_of(self.host, self.port, "https")

    @property
    def public_url(self) -> str:
        return self.exposure.public_url or self.url

    def programs(self) -> list[Program]:
        return [self._service(), self._ray(), self._agent()] if self.with_agent else [self._service()]

    def _service(self) -> Program:
        at = urlsplit(url_of(self.host, self.port))
        command = [sys.executable, "-m", "caviar.api", "--host", self.host, "--port", str(self.port)]
        return Program(
            name="service",
            command=lambda: [*command, "--data-dir", str(self.folder), *self.exposure.options],
            environment=self._service_environment,
            log=self._log("service"),
            ready=answers(at.hostname or "127.0.0.1", self.port, tls=self.exposure.tls_cert is not None),
        )

    def _ray(self) -> Program:
        address = self.folder / RAY_ADDRESS_FILE

        def command() -> list[str]:
            address.unlink(missing_ok=True)
            return [sys.executable, "-m", "caviar_workers.ray_runtime", "--data-dir", str(self.folder)]

        return Program(
            name="local Ray", command=command, log=self._log("ray"), ready=lambda _: address.exists(), grace=20.0
        )

    def _agent(self) -> Program:
        return Program(
            name="agent",
            command=lambda: [
                *(sys.executable, "-m", "caviar_workers", "--server", self.url),
                *("--ray-address", (self.folder / RAY_ADDRESS_FILE).read_text().strip()),
                *("--warm-slots", WARM_SLOTS),
                *("--checkpoint-url", self.checkpoint_url or str(self.folder / "checkpoints")),
            ],
            environment=self._agent_environment,
            log=self._log("agent"),
            ready=lives_for(3.0),
            needs=("service", "local Ray"),
            bound_to=("local Ray",),
        )

    def _service_environment(self) -> Mapping[str, str]:
        """Not on the command line, which everyone on the machine can read: the URL may hold a password."""
        return {"CAVIAR_DATABASE_URL": self.database_url} if self.database_url else {}

    def _agent_environment(self) -> Mapping[str, str]:
        token = read_token(self.folder, AGENT_TOKEN_FILE)
        ray = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(self.folder / RAY_TOKEN_FILE)}
        return {**ray, **({"CAVIAR_TOKEN": token} if token else {})}

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"
