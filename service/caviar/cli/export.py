"""`caviar export`: the trials of a study, in a file or on standard output."""

import sys
from pathlib import Path

import typer

from caviar.cli.formats import ExportFormat
from caviar.client.study import Study


def export(study: Study, file: Path | None, output: ExportFormat | None, **asked: str | None) -> None:
    form = None if output is None else output.value
    if file is None:
        sys.stdout.flush()
        study.export(sys.stdout.buffer, form, **asked)
        sys.stdout.buffer.flush()
        return
    study.export(file, form, **asked)
    typer.echo(f"wrote {file}", err=True)
