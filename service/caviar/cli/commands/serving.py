"""`up`, `agent`: what serves; `login-link`: the way to its dashboard."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir

PANEL = "Serve"

CheckpointUrl = Annotated[
    str | None,
    typer.Option(
        envvar="CAVIAR_CHECKPOINT_URL",
        help="Where checkpoints are kept: a folder that all nodes share, or s3://..., gs://...",
        show_default="a folder of this machine",
    ),
]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(up)
    app.command(rich_help_panel=PANEL)(agent)
    app.command("login-link", rich_help_panel=PANEL)(login_link)


def up(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.", min=0, max=65535)] = 8700,
    data_dir: DataDir = None,
    database_url: Annotated[
        str | None, typer.Option(envvar="CAVIAR_DATABASE_URL", help="PostgreSQL instead of SQLite in the data folder.")
    ] = None,
    checkpoint_url: CheckpointUrl = None,
    no_agent: Annotated[bool, typer.Option("--no-agent", help="Serve only; train elsewhere.")] = False,
    tls_cert: Annotated[
        Path | None, typer.Option(envvar="CAVIAR_TLS_CERT", help="Certificate chain (PEM), to serve by TLS.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(envvar="CAVIAR_TLS_KEY", help="Its private key (PEM).")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="TLS, or a network of your own, is in front of it.")
    ] = False,
    public_url: Annotated[
        str | None, typer.Option(envvar="CAVIAR_PUBLIC_URL", help="How others reach it, such as https://tune.example.")
    ] = None,
) -> None:
    """Serve on this machine: the service, a local Ray and an agent, until Ctrl-C."""
    import os

    from caviar.cli.supervisor.stack import Exposure, Stack
    from caviar.cli.up import serve
    from caviar.client.discovery import data_folder

    exposure = Exposure(tls_cert, tls_key, behind_proxy, public_url and public_url.rstrip("/"))
    folder = data_folder(os.environ, data_dir)
    stack = Stack(host, port, folder, database_url, not no_agent, exposure, checkpoint_url)
    serve(stack, say=_say)


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
    checkpoint_url: CheckpointUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Join a Ray cluster: lease trials from a service and train them there. Its token comes from CAVIAR_TOKEN."""
    from caviar.cli.agent import become_agent

    options = ["--ray-address", ray_address, "--pending-slots", str(pending_slots)]
    options += ["--name", name] if name else []
    options += ["--keep-slots"] if keep_slots else []
    options += ["--checkpoint-url", checkpoint_url] if checkpoint_url else []
    become_agent(server, options, _folder(data_dir))


def login_link(
    role: Annotated[
        str | None, typer.Option(help="viewer, submitter or admin, at most that of the token (default: the token's).")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Print a link that opens the dashboard in a browser, once."""
    from caviar.cli.connect import connect

    with connect(data_dir) as client:
        typer.echo(client.login_link(role))


def _folder(data_dir: Path | None) -> Path:
    import os

    from caviar.client.discovery import data_folder

    return data_folder(os.environ, data_dir)


def _say(line: str) -> None:
    typer.echo(line)
