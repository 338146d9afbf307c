import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from tests.support.processes import ended_within, processes_naming

from caviar.cli.main import main
from caviar.client.client import Client
from caviar.client.discovery import local_server, read_server_file
from caviar.client.errors import NoConnection
from caviar.client.local import LocalServer
from caviar.domain.parameters import Choice, Float

pytestmark = pytest.mark.processes

Serve = Callable[[str], LocalServer]


def service_pid(server: LocalServer) -> int:
    """Found by its port, which is its own."""
    address = local_server(server.folder)
    assert address is not None
    return next(iter(processes_naming(f"caviar.api --host 127.0.0.1 --port {address.url.rpartition(':')[2]} ")))


def said(folder: Path) -> str:
    """What `caviar up` printed, once it printed all of its greeting."""
    log = folder / "logs" / "up.log"
    deadline = time.monotonic() + 60
    while "Ctrl-C" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return log.read_text()


def play(client: Client, trials: int = 8) -> None:
    """Tunes a study of kind `external` to its end."""
    space = {"lr": Float(1e-4, 1.0, scale="log"), "optimizer": Choice(("sgd", "adam"))}
    study = client.create_study(
        name="by-hand", train={"external": True}, space=space, metric="loss", trials=trials, search="random", seed=1
    )
    while not study.refresh().is_finished:
        for trial in study.ask(4, client="test"):
            loss = abs(trial.params["lr"] - 0.01)
            assert trial.report(1, {"loss": loss}) == "continue"
            trial.complete({"loss": loss})


def test_a_study_by_hand_is_served_ranked_and_shown(
    serve: Serve, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = serve("data").folder
    with Client(data_dir=folder) as client:
        play(client)
        study = client.study("by-hand")
        assert study.state == "completed"
        best = study.best
        assert best is not None
        assert best.value == min(trial.value for trial in study.trials() if trial.value is not None)
        assert study.ranking(1)[0].number == best.number
        assert list(study.trials_dataframe()["number"]) == list(range(8))
        assert study.trial(0).metrics()["step"] == [1.0]
        assert next(iter(study.events(after="0"))).data["state"] == "completed"
    assert main(["watch", "by-hand", "--data-dir", str(folder)]) == 0
    assert re.fullmatch(rf"best trial #{best.number} loss=\S+", capsys.readouterr().out.splitlines()[-1])


def test_two_servers_on_one_machine_do_not_meet(serve: Serve) -> None:
    first, second = serve("one"), serve("two")
    with Client(data_dir=first.folder) as client:
        play(client, 2)
    with Client(data_dir=second.folder) as client:
        assert list(client.studies()) == []


def test_a_second_server_on_a_folder_is_refused_with_the_first_one_s_url(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve("data")
    address = local_server(server.folder)
    assert address is not None
    assert main(["up", "--port", "0", "--no-agent", "--data-dir", str(server.folder)]) == 2
    assert address.url in capsys.readouterr().err


def test_a_busy_port_is_told(serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = local_server(serve("data").folder)
    assert address is not None
    port = address.url.rpartition(":")[2]
    assert main(["up", "--port", port, "--no-agent", "--data-dir", str(tmp_path / "other")]) == 2
    assert f"port {port} of 127.0.0.1 is in use" in capsys.readouterr().err


def test_a_service_that_is_killed_comes_back_and_clients_wait_for_it(serve: Serve) -> None:
    server = serve("data")
    with Client(data_dir=server.folder) as client:
        play(client, 2)
        study = client.study("by-hand")
        os.kill(service_pid(server), signal.SIGKILL)
        assert study.wait(timeout=60).state == "completed"
        assert client.study("by-hand").best == study.best


def test_tokens_and_data_are_for_their_owner_alone(serve: Serve) -> None:
    folder = serve("data").folder
    assert folder.stat().st_mode & 0o777 == 0o700
    link = re.search(r"opens once: (http://127\.0\.0\.1:\d+)/login#(\w+)", said(folder))
    assert link is not None
    login = httpx2.post(f"{link[1]}/login", json={"code": link[2]}, headers={"Caviar-Csrf": "1", "Origin": link[1]})
    assert (login.status_code, len(login.cookies)) == (204, 1)
    assert all(
        (folder / name).stat().st_mode & 0o777 == 0o600 for name in ("admin-token", "agent-token", "server.json")
    )


def test_a_stopped_server_leaves_its_data_and_no_process(serve: Serve) -> None:
    server = serve("data")
    pid = service_pid(server)
    server.stop()
    assert ended_within(pid, 0.0)
    assert read_server_file(server.folder) is None
    with pytest.raises(NoConnection):
        Client(data_dir=server.folder)
    with Client(data_dir=serve("data").folder) as client:
        assert list(client.studies()) == []


def test_a_killed_supervisor_leaves_no_process_and_the_folder_is_free(serve: Serve) -> None:
    server = serve("data")
    pid = service_pid(server)
    record = read_server_file(server.folder)
    assert record is not None
    os.kill(record["pid"], signal.SIGKILL)
    assert ended_within(pid, 20.0)
    assert local_server(server.folder) is None or ended_within(record["pid"], 5.0)
    with Client(data_dir=serve("data").folder) as client:
        assert client.meta()["database"] == "sqlite"


def test_a_server_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "caviar.db").write_bytes(b"this is no database, and long enough to be seen as none" * 99)
    with pytest.raises(NoConnection, match="the service does not come up"):
        LocalServer.start(tmp_path / "data", ["--no-agent"])
