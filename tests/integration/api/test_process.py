"""The service as a process: its start, its end, its tokens, and two of them."""

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.support.api import AGENT_ID, study_document
from tests.support.processes import ended_within, wait_for_line

pytestmark = pytest.mark.processes

NODE = {"id": "n", "host": "h", "total": {"cpus": 1}, "free": {"cpus": 1}}


class Running:
    """One service process, and requests to it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.url = wait_for_line(process, lambda line: "ready" in line).rsplit(" ", 1)[1]

    @property
    def token(self) -> str:
        return (self.folder / "admin-token").read_text().strip()

    def begin(self, method: str, path: str, body: Any = None, token: str | None = None) -> http.client.HTTPConnection:
        at = urlsplit(self.url)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        connection = self.begin(method, path, body, token)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "caviar.api", "--port", "0", "--data-dir", str(folder), *options]


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CAVIAR_")}
    with subprocess.Popen(
        command(folder, *options), stdout=subprocess.PIPE, text=True, env={**clean, **environment}
    ) as process:
        try:
            yield Running(process, folder)
        finally:
            if process.poll() is None:
                process.kill()


def sync(number: int, **more: Any) -> dict[str, Any]:
    return {"incarnation": "1", "number": number, "received": number - 1, "nodes": [NODE], **more}


def test_a_stop_ends_streams_and_parked_polls_at_once(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as service:
        assert service.call("POST", "/api/v1/studies", study_document(train={"external": True}))[0] == 201
        stream = service.begin("GET", "/api/v1/studies/digits/events")
        assert stream.getresponse().readline().startswith(b"event: change")
        parked = service.begin("POST", f"/api/v1/agents/{AGENT_ID}/sync", sync(1, wait=20))
        waiting = service.begin("GET", "/api/v1/studies/digits?wait=60s&until=finished")
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 5
        assert json.loads(parked.getresponse().read())["assignments"] == []
        assert json.loads(waiting.getresponse().read())["state"] == "queued"
        for connection in (stream, parked, waiting):
            connection.close()


def test_the_first_tokens_are_kept_and_shown_to_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder) as service:
        token = service.token
        assert service.stop() == 0
    for name in ("admin-token", "agent-token"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with serving(folder) as service:
        assert service.token == token
        assert service.call("GET", "/api/v1/meta")[0] == 200
        agents = (folder / "agent-token").read_text().strip()
        assert service.call("GET", "/api/v1/studies", token=agents)[0] == 403


def test_a_new_database_takes_the_tokens_there_are(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder) as service:
        token = service.token
        service.stop()
    for path in folder.glob("caviar.db*"):
        path.unlink()
    with serving(folder) as service:
        assert service.call("GET", "/api/v1/meta", token=token)[0] == 200


def test_tokens_of_the_environment_go_before_files(tmp_path: Path) -> None:
    given = {"CAVIAR_ADMIN_TOKEN": "cav_given-admin", "CAVIAR_AGENT_TOKEN": "cav_given-agent"}
    with serving(tmp_path / "data", **given) as service:
        assert service.call("GET", "/api/v1/studies", token="cav_given-admin")[0] == 200
        assert service.call("GET", "/api/v1/studies", token="cav_given-agent")[0] == 403
        assert not (tmp_path / "data" / "admin-token").exists()


def test_a_second_service_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder):
        second = subprocess.run(command(folder), capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert second.stderr.startswith(f"caviar service: Another Caviar service runs on {folder}/caviar.db.")
        assert "Traceback" not in second.stderr


def test_an_address_in_use_is_told_in_a_sentence(tmp_path: Path) -> None:
    with serving(tmp_path / "one") as service:
        port = str(urlsplit(service.url).port)
        taken = [*command(tmp_path / "two"), "--port", port]
        second = subprocess.run(taken, capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, "Traceback" in second.stderr) == (1, False)
        assert f"Can't listen on 127.0.0.1:{port}" in second.stderr


def test_a_killed_service_comes_back_with_all_it_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder) as service:
        made = service.call("POST", "/api/v1/studies", study_document())[1]
        leased = service.call("POST", f"/api/v1/agents/{AGENT_ID}/sync", sync(1))[1]["assignments"]
        service.process.kill()
        assert ended_within(service.process.pid, 10)
    with serving(folder) as service:
        assert service.call("GET", "/api/v1/studies/digits")[1]["id"] == made["id"]
        attempt = leased[0]["attempt"]
        events = [{"kind": "finished", "attempt": attempt, "seq": 1, "at": 0, "metrics": {"loss": 1.0}, "seconds": 1}]
        service.call("POST", f"/api/v1/agents/{AGENT_ID}/sync", sync(2, events=events))
        assert service.call("GET", "/api/v1/studies/digits")[1]["counts"]["completed"] == 1


def test_a_thinking_search_is_planned_by_the_service_itself(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as service:
        searched = study_document(train={"external": True}, search={"strategy": "coarse_to_fine", "seed": 1})
        service.call("POST", "/api/v1/studies", searched)
        asked = service.call("POST", "/api/v1/studies/digits/ask?wait=20s", {"count": 2})[1]
        assert [each["number"] for each in asked["items"]] == [0, 1]


@pytest.mark.postgres
def test_two_replicas_wake_each_other(postgres_url: str, tmp_path: Path) -> None:
    given = {"CAVIAR_ADMIN_TOKEN": "cav_both", "CAVIAR_AGENT_TOKEN": "cav_agents"}
    options = ("--database-url", postgres_url)
    with serving(tmp_path / "a", *options, **given) as one, serving(tmp_path / "b", *options, **given) as two:
        one.call("POST", "/api/v1/studies", study_document(), token="cav_both")
        known = one.call("GET", "/api/v1/studies/digits", token="cav_both")[1]
        assert known["state"] == "queued"
        waiting = two.begin("GET", "/api/v1/studies/digits?wait=30s&until=finished", token="cav_both")
        began = time.monotonic()
        one.call("POST", "/api/v1/studies/digits/stop", token="cav_both")
        assert json.loads(waiting.getresponse().read())["state"] == "cancelled"
        assert time.monotonic() - began < 8
        waiting.close()
        assert [one.stop(), two.stop()] == [0, 0]
