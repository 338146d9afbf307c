import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caviar.cli.supervisor.folder import announced, locked, prepare
from caviar.cli.supervisor.ports import choose_port, url_of
from caviar.domain.errors import Conflict


def test_a_new_data_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "data")
    assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700


def test_a_second_server_on_a_folder_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    with locked(tmp_path), announced(tmp_path) as announcement:
        announcement.publish("http://127.0.0.1:8700", os.getpid(), datetime(2026, 1, 1, tzinfo=UTC))
        with pytest.raises(Conflict, match=r"already runs on .* at http://127\.0\.0\.1:8700"), locked(tmp_path):
            pass
    with locked(tmp_path):
        pass


def test_two_folders_do_not_meet(tmp_path: Path) -> None:
    prepare(tmp_path / "a")
    prepare(tmp_path / "b")
    with locked(tmp_path / "a"), locked(tmp_path / "b"):
        pass


def test_the_server_file_lasts_as_long_as_the_server(tmp_path: Path) -> None:
    path = tmp_path / "server.json"
    path.write_text("left by one that was killed")
    with announced(tmp_path) as announcement:
        assert not path.exists()
        announcement.publish("http://127.0.0.1:1", 42, datetime(2026, 1, 1, tzinfo=UTC))
        assert json.loads(path.read_text()) == {
            "url": "http://127.0.0.1:1",
            "pid": 42,
            "started": "2026-01-01T00:00:00+00:00",
        }
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


def test_port_zero_is_any_free_one() -> None:
    assert choose_port("127.0.0.1", 0) > 1023


def test_a_port_in_use_is_told() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(Conflict, match="is in use by another program") as caught:
        choose_port("127.0.0.1", taken.getsockname()[1])
    assert "--port" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:1"), ("0.0.0.0", "http://127.0.0.1:1"), ("::1", "http://[::1]:1")],
)
def test_the_url_is_one_that_reaches_the_server_from_here(host: str, url: str) -> None:
    assert url_of(host, 1) == url
