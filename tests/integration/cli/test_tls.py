"""TLS by `caviar up`, and who believes its certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.api import AGENT_ID
from tests.support.certificates import make_certificate

from caviar.cli.main import main
from caviar.client.client import Client
from caviar.client.errors import NoConnection
from caviar.client.local import LocalServer
from caviar.domain.errors import InvalidInput
from caviar_workers.service import HttpService, Refused, ServiceAway

pytestmark = pytest.mark.processes


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LocalServer, Path]]:
    cert, key = make_certificate(tmp_path / "tls")
    monkeypatch.setenv("CAVIAR_CA_FILE", str(cert))
    options = ["--no-agent", "--tls-cert", str(cert), "--tls-key", str(key)]
    server = LocalServer.start(tmp_path / "data", options)
    yield server, cert
    server.stop()


def test_clients_and_agents_believe_the_given_authority_alone(
    server: tuple[LocalServer, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = server[0].folder
    with Client(data_dir=folder) as client:
        url = client.transport.url
        assert url.startswith("https://127.0.0.1:")
        assert client.meta()["api"] == "v1"
        assert client.login_link().startswith(f"{url}/login#")
    token = (folder / "agent-token").read_text().strip()
    agent = HttpService(url, token, AGENT_ID)
    with pytest.raises(Refused, match="404"):
        agent.bundle("sha256:" + "0" * 64)
    agent.close()
    monkeypatch.delenv("CAVIAR_CA_FILE")
    with Client(data_dir=folder) as client, pytest.raises(NoConnection, match=r"(?i)certificate"):
        client.meta()
    stranger = HttpService(url, token, AGENT_ID)
    with pytest.raises(ServiceAway, match=r"(?i)certificate"):
        stranger.bundle("sha256:" + "0" * 64)
    stranger.close()
    monkeypatch.setenv("CAVIAR_CA_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(InvalidInput, match="CAVIAR_CA_FILE"):
        Client(data_dir=folder)


def test_another_address_without_tls_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", "--host", "0.0.0.0", "--port", "0", "--no-agent", "--data-dir", str(tmp_path / "data")]) == 2
    said = capsys.readouterr().err
    assert "--tls-cert" in said
    assert "--behind-proxy" in said
    assert not (tmp_path / "data").exists()
