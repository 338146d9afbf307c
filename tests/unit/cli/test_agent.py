import os
from pathlib import Path

import pytest

from caviar.cli.main import main


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    calls: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _path, command, environment: calls.append((command, environment)))
    return calls


def test_an_agent_gets_its_token_through_the_environment(
    executed: list[tuple[list[str], dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAVIAR_TOKEN", "cav_agent")
    assert main(["agent", "--server", "http://there", "--name", "blue", "--keep-slots"]) == 0
    command, environment = executed[0]
    assert command[1:] == [
        *("-m", "caviar_workers", "--server", "http://there", "--ray-address", "auto"),
        *("--pending-slots", "0", "--name", "blue", "--keep-slots"),
    ]
    assert environment["CAVIAR_TOKEN"] == "cav_agent"
    assert not any("cav_agent" in argument for argument in command)


def test_an_agent_without_a_token_is_told_what_to_set(
    executed: list[tuple[list[str], dict[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agent", "--server", "http://there"]) == 2
    assert "CAVIAR_TOKEN" in capsys.readouterr().err
    assert executed == []


def test_an_agent_without_a_service_is_told_what_to_give(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["agent", "--data-dir", str(tmp_path)]) == 2
    assert "--server URL" in capsys.readouterr().err
