"""Runs a contender's program in a process of its own and reads its last line."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.overhead_parts.works import Contender, trials_of

from caviar.client.local import tethered

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LIMIT_SECONDS = 900.0


class ProgramError(Exception):
    """The program ended without its line; the message carries the end of what it said."""


def missing(contender: Contender, python: str) -> tuple[str, ...]:
    """The modules that this interpreter lacks for the contender."""
    code = (
        "import importlib.util, sys; print(*[name for name in sys.argv[1:] if importlib.util.find_spec(name) is None])"
    )
    said = subprocess.run([python, "-c", code, *contender.needs], capture_output=True, text=True, check=True)
    return tuple(said.stdout.split())


def run_program(contender: Contender, kind: str, python: str, postgres: str | None) -> float:
    """Seconds that the contender's own clock counted."""
    with _database(postgres if "{postgres}" in contender.options else None) as database:
        options = [database if option == "{postgres}" else option for option in contender.options]
        command = [python, "-m", str(contender.module), "--kind", kind, "--trials", str(trials_of(contender, kind))]
        done = subprocess.run(
            tethered([*command, *options]),
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise ProgramError((done.stderr.strip() or done.stdout.strip() or "it said nothing")[-400:])
    return float(json.loads(lines[-1])["seconds"])


@contextmanager
def _database(server: str | None) -> Iterator[str]:
    """An address for SQLAlchemy and psycopg 3 of an empty database."""
    if server is None:
        yield ""
        return
    with empty_database(server, "overhead_peer") as address:
        yield address.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def empty_database(server: str, name: str) -> Iterator[str]:
    """The address of a database of that name beside the server's own; dropped afterwards."""
    import psycopg  # noqa: PLC0415  (only with --postgres)

    plain = server.replace("postgresql+psycopg://", "postgresql://", 1)
    head, _, tail = plain.partition("://")
    authority, _, rest = tail.partition("/")
    query = rest.partition("?")[2]
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"{head}://{authority}/{name}" + (f"?{query}" if query else "")
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
