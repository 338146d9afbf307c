"""`caviar doctor`: what Caviar needs on this machine, and what of it is there."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import typer

from caviar.client.discovery import TOKEN, TOKEN_FILE, URL, data_folder, discover
from caviar.client.errors import NoConnection
from caviar.domain.errors import CaviarError

Verdict = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    what: str
    advice: str = ""


def examine(data_dir: Path | None) -> int:
    """1 when something is bad; what is only absent (an extra, a running server) is a note."""
    folder = data_folder(os.environ, data_dir)
    checks: list[Callable[[], Iterable[Finding]]] = [
        _python,
        _extras,
        lambda: _folder(folder),
        _shared_memory,
        lambda: _server(data_dir),
    ]
    findings = [finding for check in checks for finding in check()]
    for finding in findings:
        typer.echo(f"{finding.verdict:<5} {finding.what}")
        if finding.advice:
            typer.echo(f"      {finding.advice}")
    return 1 if any(finding.verdict == "bad" for finding in findings) else 0


def _python() -> Iterable[Finding]:
    found = platform.python_version()
    yield Finding("ok" if sys.version_info >= (3, 11) else "bad", f"Python {found} on {platform.platform(terse=True)}")


def _extras() -> Iterable[Finding]:
    """Ray compares Python down to the patch: what joins a cluster must be of one version."""
    yield Finding("ok", f"caviar {version('caviar')}")
    for package, extra, purpose in (
        ("fastapi", "server", "serve"),
        ("sqlalchemy", "server", "serve"),
        ("ray", "workers", "train"),
        ("psycopg", "postgres", "use PostgreSQL"),
        ("optuna", "optuna", "search with tpe, gp or cmaes"),
    ):
        try:
            yield Finding("ok", f"{package} {version(package)}")
        except PackageNotFoundError:
            yield Finding("note", f"{package} is not installed", f"to {purpose}: pip install 'caviar[{extra}]'")


def _folder(folder: Path) -> Iterable[Finding]:
    if not folder.exists():
        yield Finding("note", f"no data folder yet: {folder}", "`caviar up` makes it")
        return
    free = shutil.disk_usage(folder).free / 2**30
    yield Finding("ok" if free >= 1 else "bad", f"data folder {folder}, {free:.0f} GB free")
    if not os.access(folder, os.W_OK):
        yield Finding("bad", f"{folder} can't be written to", "give it to the user that serves")
    token = folder / TOKEN_FILE
    if token.exists() and token.stat().st_mode & 0o077:
        yield Finding("bad", f"{token} can be read by others", f"chmod 600 {token}")


def _shared_memory() -> Iterable[Finding]:
    """Ray keeps its object store there, and falls back to slow files in /tmp."""
    shared = Path("/dev/shm")  # noqa: S108  (looked at, not written to)
    if shared.exists():
        free = shutil.disk_usage(shared).free / 2**20
        advice = "" if free >= 200 else "in Docker: --shm-size=1g"
        yield Finding("ok" if free >= 200 else "note", f"{shared} has {free:.0f} MB free", advice)


def _server(data_dir: Path | None) -> Iterable[Finding]:
    from caviar.client.client import Client  # noqa: PLC0415  (after the checks that need nothing)

    try:
        address = discover(os.environ, data_dir)
    except NoConnection as error:
        yield Finding("note", error.detail, error.hint or "")
        return
    if address.token is None:
        yield Finding("bad", f"no token for {address.url}", f"set {TOKEN} beside {URL}")
        return
    try:
        with Client(data_dir=data_dir) as client:
            client.meta()
            agents = client.agents()
    except CaviarError as error:
        yield Finding("bad", error.detail, error.hint or "")
        return
    alive = sum(agent.alive for agent in agents)
    yield Finding("ok", f"the service answers at {address.url}")
    yield Finding("ok" if alive else "note", f"{alive} of {len(agents)} agents are alive")
