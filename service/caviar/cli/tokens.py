"""`caviar token`: access tokens."""

import os
from pathlib import Path

import typer

from caviar.cli.formats import Format
from caviar.cli.output import Column, emit
from caviar.cli.supervisor.stack import AGENT_TOKEN_FILE
from caviar.client.client import API, Client
from caviar.client.discovery import TOKEN_FILE, data_folder, read_token
from caviar.client.pages import items_of
from caviar.client.transport import Request
from caviar.domain.errors import NotFound


def show(data_dir: Path | None, *, agent: bool) -> None:
    folder = data_folder(os.environ, data_dir)
    name = AGENT_TOKEN_FILE if agent else TOKEN_FILE
    token = read_token(folder, name)
    if token is None:
        raise NotFound(f"there is no {folder / name}", hint="`caviar up` makes it at its first start")
    typer.echo(token)


def list_tokens(client: Client, output: Format) -> None:
    emit(items_of(client.transport.get(f"{API}/tokens")), COLUMNS, output)


def create(client: Client, name: str, role: str) -> None:
    """The secret alone goes to standard output, for scripts."""
    made = client.transport.post(f"{API}/tokens", {"name": name, "role": role})
    typer.echo(f"token {made['id']} ({role}); it is shown this once:", err=True)
    typer.echo(made["secret"])


def revoke(client: Client, token: str) -> None:
    client.transport.send(Request("DELETE", f"{API}/tokens/{token}"))


COLUMNS = (
    Column("id", lambda row: str(row["id"])),
    Column("name", lambda row: str(row.get("name", ""))),
    Column("role", lambda row: str(row.get("role", ""))),
    Column("created", lambda row: str(row.get("created_at") or "-")[:16].replace("T", " ")),
)
