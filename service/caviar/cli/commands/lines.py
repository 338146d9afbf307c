"""`fork`, `edit`: studies made of others, and spaces that change under way."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir, Name, StudyName

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
    for verb in (fork, edit):
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
