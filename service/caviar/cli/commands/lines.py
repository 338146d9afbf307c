"""`fork`, `edit`, `retune`, `lineage`: studies made of others, and spaces that change under way."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir, Name, Output, StudyName
from caviar.cli.formats import Format

PANEL = "Studies"

SpaceFile = Annotated[
    Path | None,
    typer.Option(
        "--space",
        help="Changed parameters, by name: whole ones, or single fields such as {low: 0.001}; null removes one.",
        metavar="SPACE.yaml",
    ),
]
Freeze = Annotated[
    list[str] | None, typer.Option("--freeze", help="Makes a parameter a constant.", metavar="PARAMETER=VALUE")
]


def register(app: typer.Typer) -> None:
    for verb in (fork, edit, retune, lineage):
        app.command(rich_help_panel=PANEL)(verb)


def fork(
    study: StudyName,
    space: SpaceFile = None,
    freeze: Freeze = None,
    name: Name = None,
    trials: Annotated[int | None, typer.Option(help="The new study's number of trials.", min=1)] = None,
    data_dir: DataDir = None,
) -> None:
    """Start a study with another's document in a changed space; results that lie in it count as its history."""
    from caviar.cli.connect import connect
    from caviar.cli.lines import fork_study, space_change

    with connect(data_dir) as client:
        fork_study(client.study(study), space_change(space, freeze or []), name, trials)


def edit(
    study: StudyName,
    space: SpaceFile = None,
    freeze: Freeze = None,
    note: Annotated[str | None, typer.Option(help="Why; kept with the round that begins.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Change the space of a study while it runs; its trials stay evidence as far as they lie in the new one."""
    from caviar.cli.connect import connect
    from caviar.cli.lines import edit_study, space_change

    if space is None and not freeze:
        raise typer.BadParameter("give --space, --freeze or both")
    with connect(data_dir) as client:
        edit_study(client.study(study), space_change(space, freeze or []), note)


def retune(
    study: StudyName,
    *,
    data_version: Annotated[str | None, typer.Option(help="The version of the data to look at it on.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="A file or folder of data: its digest is told.", metavar="PATH")
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why; kept with the verdict.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the canary, and tell the verdict.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Ask each time what lies at --data has changed, until interrupted.")
    ] = False,
    data_dir: DataDir = None,
) -> int:
    """Ask whether a finished study's result still holds: a canary first, and a new study only if it is stale."""
    from caviar.cli.connect import connect
    from caviar.cli.retunes import retune_study, watch_data

    if watch and data is None:
        raise typer.BadParameter("--watch needs --data")
    with connect(data_dir) as client:
        if watch and data is not None:
            watch_data(client, study, data, note)
        return retune_study(client, client.study(study), (data_version, data), note, wait=wait)


def lineage(study: StudyName, data_dir: DataDir = None, output: Output = Format.TABLE) -> None:
    """Show what a study was made of and what was made of it, with the verdicts of its re-tunes."""
    from caviar.cli.connect import connect
    from caviar.cli.retunes import show_lineage

    with connect(data_dir) as client:
        show_lineage(client.study(study), output)
