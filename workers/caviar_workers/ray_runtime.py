"""Ray, set right: connecting to a cluster, and a local one that leaves nothing behind.

`python -m caviar_workers.ray_runtime --data-dir DIR` runs a local Ray until it is told to end (SIGTERM), until it ends,
or until this is killed: in each case all of its processes go. While it is up DIR holds

* `ray-address`: what to connect to, written once Ray answers;
* `ray-token`: Ray's own secret, mode 600. Ray listens on every interface, so nobody gets in without it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from caviar_workers.folders import FOLDER_VARIABLE
from caviar_workers.reaper import COOKIE

ADDRESS_FILE = "ray-address"
TOKEN_FILE = "ray-token"  # noqa: S105  a file's name
OBJECT_STORE_BYTES = 256 << 20
START_SECONDS = 120.0
KNOCK_SECONDS = 5.0
LONGEST_TEMP = 40
"""Ray puts Unix sockets some 60 characters below its temporary folder, and their paths end at 107."""

HABITS = {
    "RAY_enable_metrics_collection": "0",
    "RAY_event_stats": "0",
    "RAY_task_events_report_interval_ms": "0",
    "RAY_core_worker_internal_heartbeat_ms": "5000",
    "RAY_gcs_pull_resource_loads_period_milliseconds": "5000",
    "RAY_io_context_event_loop_lag_collection_interval_ms": "5000",
    "RAY_io_context_monitor_probe_interval_ms": "5000",
    "RAY_kill_idle_workers_interval_ms": "1000",
    "RAY_local_fs_monitor_interval_ms": "1000",
    "RAY_object_manager_timer_freq_ms": "1000",
    "RAY_raylet_check_gc_period_milliseconds": "1000",
    "RAY_raylet_report_resources_period_milliseconds": "500",
}
"""What a local Ray need not do several times a second for nobody: the cores are for training. (Measured idle, with two
slots: raylet and GCS together from 1.3% to 0.6% of a core, the slots from 2.1% to 1.7%.) The environment may say
otherwise.
"""


class RayUnavailableError(Exception):
    """There is no Ray to connect to, or it does not come up."""


@dataclass(frozen=True, slots=True)
class LocalRay:
    """A Ray of our own, which ends with this object's process."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def environment(self) -> dict[str, str]:
        """What a process needs to connect to it."""
        return token_environment(self.folder / TOKEN_FILE)


def settings() -> dict[str, str]:
    """Environment that every process of ours with Ray in it has, before Ray is imported."""
    return {
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_DEDUP_LOGS": "0",
    }


def token_environment(token_file: Path) -> dict[str, str]:
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token_file)}


def connect(address: str, namespace: str, token_file: Path | None = None) -> None:
    """Makes this process a driver. Raises RayUnavailableError with a sentence for people."""
    os.environ.update(settings())
    if token_file is not None:
        os.environ.update(token_environment(token_file))
    _knock(address)
    import ray  # noqa: PLC0415  only after the environment is set

    try:
        ray.init(
            address=address,
            namespace=namespace,
            log_to_driver=False,
            configure_logging=False,
            runtime_env={},
        )
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        hint = "" if address == "auto" else " (is its token the right one? see --ray-token-file)"
        raise RayUnavailableError(f"no Ray at {address!r}: {_first_line(error)}{hint}") from error


def _knock(address: str) -> None:
    """Ray tries for minutes where nobody listens."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_SECONDS).close()
    except OSError as error:
        raise RayUnavailableError(f"no Ray at {address!r}: {error.strerror or error}") from error


def start_local_ray(folder: Path, cpus: float | None = None, gpus: float | None = None,
                    log: IO[bytes] | int = subprocess.DEVNULL) -> LocalRay:  # fmt: skip
    """Starts a local Ray as a process of its own and waits until it answers. End it with `stop_local_ray`.

    It also ends when this process does, however that comes about.
    """
    argv = [sys.executable, "-m", "caviar_workers.ray_runtime", "--data-dir", str(folder), "--parent", str(os.getpid())]
    argv += [] if cpus is None else ["--cpus", f"{cpus:g}"]
    argv += [] if gpus is None else ["--gpus", f"{gpus:g}"]
    address = folder / ADDRESS_FILE
    address.unlink(missing_ok=True)
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    until = time.monotonic() + START_SECONDS
    while not address.exists():
        if process.poll() is not None:
            raise RayUnavailableError(f"Ray could not be started (exit code {process.returncode})")
        if time.monotonic() > until:
            process.kill()
            raise RayUnavailableError(f"Ray did not come up within {START_SECONDS:g} s")
        time.sleep(0.02)
    return LocalRay(address.read_text().strip(), folder, process)


def stop_local_ray(local: LocalRay) -> None:
    """Returns when all its processes have gone."""
    local.process.terminate()
    local.process.wait()


class RayHead:
    """Ray's processes, marked by a cookie and watched by a reaper, which ends them when this process ends."""

    def __init__(self, folder: Path, cpus: float | None, gpus: float | None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._temp = Path(tempfile.mkdtemp(prefix="caviar-ray-", dir=short_temp()))
        cookie = secrets.token_hex(8)
        self._reaper = _start_reaper(cookie, self._temp, folder / "node")
        environ = {**os.environ, **settings(), **token_environment(token_file(folder))}
        environ = {**HABITS, **environ}
        environ |= {COOKIE: cookie, "RAY_worker_niceness": "0", FOLDER_VARIABLE: str(folder / "node")}
        argv = _ray_start(self._temp, cpus, gpus)
        self.ray = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=environ, start_new_session=True)
        if self._reaper.stdin:
            self._reaper.stdin.write(f"{self.ray.pid}\n".encode())
            self._reaper.stdin.flush()

    def wait_until_up(self) -> str:
        """The address to connect to."""
        found = self._temp / "ray_current_cluster"
        until = time.monotonic() + START_SECONDS
        while not (found.exists() and found.read_text().strip()):
            if self.ray.poll() is not None:
                raise RayUnavailableError(f"`ray start` ended with exit code {self.ray.returncode}")
            if time.monotonic() > until:
                raise RayUnavailableError(f"`ray start` was not done after {START_SECONDS:g} s")
            time.sleep(0.02)
        address = found.read_text().strip()
        _write_whole(self._folder / ADDRESS_FILE, address)
        return address

    def end(self) -> None:
        """Ends all at once: nothing in a local Ray is worth a farewell."""
        (self._folder / ADDRESS_FILE).unlink(missing_ok=True)
        if self._reaper.stdin:
            self._reaper.stdin.close()
        self._reaper.wait()
        self.ray.wait()


def token_file(folder: Path) -> Path:
    """The secret of this folder's Ray, made at its first use."""
    path = folder / TOKEN_FILE
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
    return path


def short_temp() -> Path:
    """A folder for temporary files whose path is short enough for Ray's sockets."""
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) <= LONGEST_TEMP - len("/caviar-ray-12345678") else Path("/tmp")  # noqa: S108


def _ray_start(temp: Path, cpus: float | None, gpus: float | None) -> list[str]:
    """All ports are left to the system: two of these on one machine do not meet."""
    argv = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--port=0"]
    argv += ["--node-ip-address=127.0.0.1", "--include-dashboard=false", "--disable-usage-stats"]
    argv += ["--include-log-monitor=false", f"--object-store-memory={OBJECT_STORE_BYTES}", f"--temp-dir={temp}"]
    argv += [] if cpus is None else [f"--num-cpus={int(cpus)}"]
    argv += [] if gpus is None else [f"--num-gpus={int(gpus)}"]
    return argv


def _start_reaper(cookie: str, *folders: Path) -> subprocess.Popen[bytes]:
    temp, node = folders
    argv = [sys.executable, "-m", "caviar_workers.reaper", cookie, str(temp), str(node)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True, env=_without_cookie(os.environ))


def _without_cookie(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name != COOKIE}


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    beside.rename(path)


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]


class _Told(Exception):  # noqa: N818
    """To end, by a signal."""


def _on_signal(_signum: int, _frame: Any) -> None:
    raise _Told


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="caviar_workers.ray_runtime", description="A local Ray, until told to end.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--cpus", type=float)
    parser.add_argument("--gpus", type=float)
    parser.add_argument("--parent", type=int, help="end with this process")
    options = parser.parse_args(arguments)
    if options.parent is not None:
        from caviar_workers.runner.guard import die_with_parent  # noqa: PLC0415

        die_with_parent(options.parent)
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, _on_signal)
    head = None
    try:
        head = RayHead(options.data_dir, options.cpus, options.gpus)
        sys.stdout.write(f"Ray is up at {head.wait_until_up()}\n")
        sys.stdout.flush()
        return head.ray.wait() or 1
    except _Told:
        return 0
    except RayUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, signal.SIG_IGN)
        if head is not None:
            head.end()


if __name__ == "__main__":
    sys.exit(main())
