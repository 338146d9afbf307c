from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caviar.client.local import LocalServer


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CAVIAR_URL", "CAVIAR_TOKEN", "CAVIAR_DATABASE_URL", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAVIAR_DATA_DIR", str(tmp_path / "default"))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], LocalServer]]:
    """Servers without an agent, each on a data folder by name."""
    started: list[LocalServer] = []

    def serve(name: str) -> LocalServer:
        started.append(LocalServer.start(tmp_path / name, ["--no-agent"]))
        return started[-1]

    yield serve
    for server in started:
        server.stop()
