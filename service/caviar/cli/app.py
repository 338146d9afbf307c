"""All verbs in one app. Only their declarations are imported here; each imports what it does when it is called."""

from typing import Annotated

import typer

from caviar.cli.commands import admin, lines, results, serving, steering, studies

app = typer.Typer(
    name="caviar",
    help="Tune hyperparameters: many models in parallel, coarse-to-fine, on Ray.",
    epilog="CAVIAR_URL and CAVIAR_TOKEN name a service; else the one that runs on the data folder is used.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  (how typer calls it)
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  (slow)

        typer.echo(version("caviar"))
        raise typer.Exit


@app.callback()
def caviar(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Stands before every verb."""


for group in (serving, studies, steering, lines, results, admin):
    group.register(app)
