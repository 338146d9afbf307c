"""`up`, `agent`: what serves."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir

PANEL = "Serve"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(up)
    app.command(rich_help_panel=PANEL)(agent)


def up(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.", min=0, max=65535)] = 8700,
    data_dir: DataDir = None,
    database_url: Annotated[
        str | None, typer.Option(envvar="CAVIAR_DATABASE_URL", help="PostgreSQL instead of SQLite in the data folder.")
    ] = None,
    no_agent: Annotated[bool, typer.Option("--no-agent", help="Serve only; train elsewhere.")] = False,
) -> None:
    """Serve on this machine: the service, a local Ray and an agent, until Ctrl-C."""
    import os

    from caviar.cli.up import serve
    from caviar.client.discovery import data_folder

    serve(host, port, data_folder(os.environ, data_dir), database_url, with_agent=not no_agent, say=_say)


def agent(
    *,
    server: Annotated[str | None, typer.Option(help="The service's URL (default: $CAVIAR_URL).")] = None,
    ray_address: Annotated[str, typer.Option(help="The Ray cluster to train on.")] = "auto",
    name: Annotated[str | None, typer.Option(help="One per cluster (default: this host's name).")] = None,
    pending_slots: Annotated[
        int, typer.Option(help="How many trials that don't fit may be shown to an autoscaling cluster.", min=0)
    ] = 0,
    keep_slots: Annotated[
        bool, typer.Option("--keep-slots", help="Leave trials running at the end, for the next agent of this name.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Join a Ray cluster: lease trials from a service and train them there. Its token comes from CAVIAR_TOKEN."""
    from caviar.cli.agent import become_agent

    options = ["--ray-address", ray_address, "--pending-slots", str(pending_slots)]
    options += ["--name", name] if name else []
    options += ["--keep-slots"] if keep_slots else []
    become_agent(server, options, _folder(data_dir))


def _folder(data_dir: Path | None) -> Path:
    import os

    from caviar.client.discovery import data_folder

    return data_folder(os.environ, data_dir)


def _say(line: str) -> None:
    typer.echo(line)
