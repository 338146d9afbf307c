from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.client.fake import FakeService

from caviar.client.client import Client

Serve = Callable[[FakeService], FakeService]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CAVIAR_URL", "CAVIAR_TOKEN", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAVIAR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Puts a fake service behind every verb."""

    def serve(service: FakeService) -> FakeService:
        monkeypatch.setenv("CAVIAR_URL", "http://caviar.test")
        made = lambda _: Client("http://caviar.test", "cav_t", http=service.http)  # noqa: E731
        for module in ("connect", "run", "preview"):
            monkeypatch.setattr(f"caviar.cli.{module}.connect", made)
        return service

    return serve
