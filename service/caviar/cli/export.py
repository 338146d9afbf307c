"""`caviar export`: all trials of a study, in a file or on standard output."""

import sys
from pathlib import Path

import typer

from caviar.cli.formats import Format
from caviar.cli.listing import TRIAL_COLUMNS
from caviar.cli.output import emit
from caviar.client.study import Study

_BY_SUFFIX = {".csv": Format.CSV, ".json": Format.JSON, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}


def export(study: Study, file: Path | None, output: Format | None) -> None:
    chosen = output or (_BY_SUFFIX.get(file.suffix.lower(), Format.CSV) if file else Format.CSV)
    rows = (trial.info.model_dump(mode="json") for trial in study.trials())
    if file is None:
        emit(rows, TRIAL_COLUMNS, chosen, file=sys.stdout)
        return
    fresh = file.with_name(f".{file.name}.part")
    with fresh.open("w", encoding="utf-8", newline="") as stream:
        emit(rows, TRIAL_COLUMNS, chosen, file=stream)
    fresh.replace(file)
    typer.echo(f"wrote {file}", err=True)
