"""Options and arguments that several verbs take."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.formats import Format

DataDir = Annotated[
    Path | None,
    typer.Option(
        help="The server's data folder (default: $CAVIAR_DATA_DIR, else ~/.local/share/caviar).", metavar="DIR"
    ),
]
Output = Annotated[Format, typer.Option("--output", "-o", help="How to print.")]
StudyName = Annotated[str, typer.Argument(help="The study's name or id.", metavar="STUDY")]
StudyFile = Annotated[Path, typer.Argument(help="A study document: .yaml, .toml or .json.", metavar="STUDY.yaml")]
Name = Annotated[str | None, typer.Option(help="Replaces the document's name.")]
