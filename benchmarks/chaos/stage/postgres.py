"""A PostgreSQL server of one's own as a part of the stage, durable as it is by default."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from benchmarks.chaos.stage import marks
from benchmarks.chaos.stage.part import Part
from tests.support.postgres import programs_folder, readable_programs, unprivileged_user

UP_SECONDS = 60.0


class Postgres:
    """`url` is that of its one database. `kill` ends the postmaster and all of its children at once."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        found = programs_folder()
        if found is None:
            raise RuntimeError("no PostgreSQL on this machine: apt-get install postgresql")
        self._user = unprivileged_user()
        home = folder / "postgres"
        home.mkdir()
        programs = found if self._user is None else readable_programs(found, home)
        if self._user is not None:
            folder.chmod(0o711)
            os.chown(home, self._user.pw_uid, self._user.pw_gid)
        self._data, self._environment = home / "data", dict(environment)
        self._initialise(programs)
        self.url = f"postgresql://caviar@/postgres?host={home}"
        who = None if self._user is None else self._user.pw_uid
        options = ["-c", "listen_addresses=", "-c", "max_connections=100", "-k", str(home)]
        command = [str(programs / "postgres"), "-D", str(self._data), *options]
        self.part = Part("postgres", lambda: command, home / "log", self._environment, signal.SIGINT, who)

    def start(self) -> None:
        self.part.start()
        self.await_up()

    def await_up(self) -> None:
        until = time.monotonic() + UP_SECONDS
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return

    def kill(self) -> int | None:
        """The postmaster's process; None when it was not there."""
        postmaster = self.part.pid
        if postmaster is None:
            return None
        marks.end([postmaster, *marks.children_of(postmaster)])
        return postmaster

    def _initialise(self, programs: Path) -> None:
        who = {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        command = [programs / "initdb", "-D", self._data, "-U", "caviar", "-A", "trust", "-E", "UTF8", "--no-sync"]
        with (self._data.parent / "initdb.log").open("wb") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, env=self._environment, cwd="/", **who)  # type: ignore[call-overload]
