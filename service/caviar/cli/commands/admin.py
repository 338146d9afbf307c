"""`token`, `db`, `doctor`: looking after an installation."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir, Output
from caviar.cli.formats import Format

PANEL = "Look after it"

Expires = Annotated[str | None, typer.Option(help="Such as 12h or 90d; without it, never.", metavar="TIME")]
DatabaseUrl = Annotated[str | None, typer.Option(help="Default: SQLite in the data folder.")]


def register(app: typer.Typer) -> None:
    tokens = typer.Typer(no_args_is_help=True, help="Who may do what: access tokens.")
    tokens.command("show")(token_show)
    tokens.command("ls")(token_ls)
    tokens.command("create")(token_create)
    tokens.command("rotate")(token_rotate)
    tokens.command("revoke")(token_revoke)
    database = typer.Typer(no_args_is_help=True, help="The database: its schema, and copies of it.")
    database.command("upgrade")(db_upgrade)
    database.command("check")(db_check)
    database.command("backup")(db_backup)
    database.command("restore")(db_restore)
    app.add_typer(tokens, name="token", rich_help_panel=PANEL)
    app.add_typer(database, name="db", rich_help_panel=PANEL)
    app.command(rich_help_panel=PANEL)(doctor)


def token_show(
    *,
    agent: Annotated[bool, typer.Option("--agent", help="The agents' token instead.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print the admin token of the server on this machine."""
    from caviar.cli.tokens import show

    show(data_dir, agent=agent)


def token_ls(data_dir: DataDir = None, output: Output = Format.TABLE) -> None:
    """List the tokens (not their secrets)."""
    from caviar.cli.connect import connect
    from caviar.cli.tokens import list_tokens

    with connect(data_dir) as client:
        list_tokens(client, output)


def token_create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[
        str, typer.Option(help="viewer (reads), submitter (runs studies), agent (syncs only) or admin (everything).")
    ] = "submitter",
    expires: Expires = None,
    data_dir: DataDir = None,
) -> None:
    """Make a token and print it, this once."""
    from caviar.cli.connect import connect
    from caviar.cli.tokens import create

    with connect(data_dir) as client:
        create(client, name, role, expires)


def token_rotate(
    token: Annotated[str, typer.Argument(help="Its id.")], expires: Expires = None, data_dir: DataDir = None
) -> None:
    """Give a token a new secret and print it, this once. The old secret is refused from now on."""
    from caviar.cli.connect import connect
    from caviar.cli.tokens import rotate

    with connect(data_dir) as client:
        rotate(client, token, expires)


def token_revoke(token: Annotated[str, typer.Argument(help="Its id.")], data_dir: DataDir = None) -> None:
    """Make a token useless."""
    from caviar.cli.connect import connect
    from caviar.cli.tokens import revoke

    with connect(data_dir) as client:
        revoke(client, token)


def db_upgrade(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Bring the database's schema up to date."""
    from caviar.cli.db import upgrade

    upgrade(database_url, data_dir)


def db_check(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> int:
    """Tell whether the schema is up to date. Exit code 1 when it isn't."""
    from caviar.cli.db import check

    return check(database_url, data_dir)


def db_backup(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist.")],
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write a copy of the whole database, while the service runs."""
    from caviar.cli.db import back_up

    back_up(file, database_url, data_dir)


def db_restore(
    file: Annotated[Path, typer.Argument(help="What `caviar db backup` wrote.")],
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Replace the database by a copy. The service must be stopped; what ran when the copy was made is run again."""
    from caviar.cli.db import restore

    restore(file, database_url, data_dir)


def doctor(data_dir: DataDir = None) -> int:
    """Look at what Caviar needs on this machine, and say what is missing."""
    from caviar.cli.doctor import examine

    return examine(data_dir)
