import json
import os
from pathlib import Path

import pytest

from caviar.client.discovery import Address, data_folder, discover
from caviar.client.errors import NoConnection


def serve(folder: Path, pid: int) -> None:
    (folder / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": pid, "started": "now"}))
    (folder / "admin-token").write_text("cav_admin\n")


def test_the_environment_names_the_service(tmp_path: Path) -> None:
    environment = {"CAVIAR_URL": "http://there", "CAVIAR_TOKEN": "cav_t", "CAVIAR_DATA_DIR": str(tmp_path)}
    assert discover(environment) == Address("http://there", "cav_t")


def test_else_the_data_folder_does(tmp_path: Path) -> None:
    serve(tmp_path, os.getpid())
    assert discover({"CAVIAR_DATA_DIR": str(tmp_path)}) == Address("http://127.0.0.1:1", "cav_admin")


def test_a_folder_that_was_asked_for_goes_before_the_environment(tmp_path: Path) -> None:
    serve(tmp_path, os.getpid())
    assert discover({"CAVIAR_URL": "http://there"}, tmp_path).url == "http://127.0.0.1:1"


def test_a_local_server_s_token_is_never_shown_to_another(tmp_path: Path) -> None:
    serve(tmp_path, os.getpid())
    environment = {"CAVIAR_DATA_DIR": str(tmp_path)}
    assert discover({**environment, "CAVIAR_URL": "http://elsewhere"}).token is None
    assert discover({**environment, "CAVIAR_URL": "http://127.0.0.1:1/"}).token == "cav_admin"


def test_a_server_that_died_is_none(tmp_path: Path) -> None:
    serve(tmp_path, 2**22 - 1)
    with pytest.raises(NoConnection, match="none runs on") as caught:
        discover({}, tmp_path)
    assert "caviar up" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid": 1}'])
def test_a_broken_server_file_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    with pytest.raises(NoConnection):
        discover({}, tmp_path)


def test_the_data_folder_has_a_default(tmp_path: Path) -> None:
    assert data_folder({}).name == "caviar"
    assert data_folder({"CAVIAR_DATA_DIR": str(tmp_path)}) == tmp_path
    assert data_folder({"CAVIAR_DATA_DIR": "/elsewhere"}, tmp_path) == tmp_path
