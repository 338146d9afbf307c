"""`caviar token`: access tokens."""

import os
import re
from pathlib import Path
from typing import Any

import typer

from caviar.cli.formats import Format
from caviar.cli.output import Column, emit
from caviar.cli.supervisor.stack import AGENT_TOKEN_FILE
from caviar.client.client import Client
from caviar.client.discovery import TOKEN_FILE, data_folder, read_token
from caviar.client.models import TokenInfo
from caviar.domain.errors import InvalidInput, NotFound, Problem


def show(data_dir: Path | None, *, agent: bool) -> None:
    folder = data_folder(os.environ, data_dir)
    name = AGENT_TOKEN_FILE if agent else TOKEN_FILE
    token = read_token(folder, name)
    if token is None:
        raise NotFound(f"there is no {folder / name}", hint="`caviar up` makes it at its first start")
    typer.echo(token)


def list_tokens(client: Client, output: Format) -> None:
    emit([token.model_dump(mode="json", exclude={"secret"}) for token in client.tokens.list()], COLUMNS, output)


def create(client: Client, name: str, role: str, expires: str | None) -> None:
    made = client.tokens.create(name, role, expires_in=None if expires is None else seconds_of(expires))
    _show_once(made)


def rotate(client: Client, token: str, expires: str | None) -> None:
    _show_once(client.tokens.rotate(token, expires_in=None if expires is None else seconds_of(expires)))


def revoke(client: Client, token: str) -> None:
    client.tokens.revoke(token)


def seconds_of(text: str) -> int:
    """Of 45s, 30m, 12h or 90d. Raises InvalidInput."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        raise InvalidInput([Problem("", f'"{text}" is no time: say 12h or 90d')])
    return int(found[1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[found[2]]


def _show_once(token: TokenInfo) -> None:
    """The secret alone goes to standard output, for scripts."""
    typer.echo(f"token {token.id} ({token.role}, {_until(token)}); it is shown this once:", err=True)
    typer.echo(token.secret)


def _until(token: TokenInfo) -> str:
    return f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "without an end"


def _day(moment: Any) -> str:
    return str(moment or "-")[:16].replace("T", " ")


def _state(row: Any) -> str:
    return "revoked" if row.get("revoked_at") else "in force"


COLUMNS = (
    Column("id", lambda row: str(row["id"])),
    Column("name", lambda row: str(row.get("name", ""))),
    Column("role", lambda row: str(row.get("role", ""))),
    Column("state", _state),
    Column("created", lambda row: _day(row.get("created_at"))),
    Column("expires", lambda row: _day(row.get("expires_at"))),
    Column("last used", lambda row: _day(row.get("last_used_at"))),
)
