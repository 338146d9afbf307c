"""`caviar compare`: trials side by side."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from caviar.cli.formats import Format
from caviar.cli.output import Column, Row, emit, emit_one, print_table
from caviar.cli.sparkline import sparkline
from caviar.client.study import Study
from caviar.client.words import value_text

CURVE = 12


def compare(study: Study, numbers: Sequence[int], metric: str | None, output: Format) -> None:
    said = study.compare(*numbers, metric=metric)
    match output:
        case Format.TABLE:
            print_comparison(Console(), said)
        case Format.JSON:
            emit_one(said, output)
        case _:
            emit(said["trials"], [], output)


def print_comparison(console: Console, said: dict[str, Any]) -> None:
    """A column a trial; a star marks what differs."""
    trials = said["trials"]
    rows = [_row("state", [trial["state"] for trial in trials])]
    rows.append(_row(said["metric"], [value_text(_last(curve)) for curve in said["values"]]))
    rows.append(_row("curve", [sparkline(_there(curve), CURVE) or "-" for curve in said["values"]]))
    rows.append(_row("step", [value_text(trial["step"]) for trial in trials]))
    rows += [_parameter(parameter) for parameter in said["parameters"]]
    columns = [Column("", lambda row: row["name"]), Column("", lambda row: row["mark"])]
    print_table(console, rows, [*columns, *(_column(index, trial) for index, trial in enumerate(trials))])


def _row(name: str, cells: list[str]) -> Row:
    return {"name": name, "mark": "", "cells": cells}


def _parameter(parameter: dict[str, Any]) -> Row:
    pairs = zip(parameter["has"], parameter["values"], strict=True)
    cells = [value_text(value) if has else "" for has, value in pairs]
    return {"name": parameter["name"], "mark": "*" if parameter["differs"] else "", "cells": cells}


def _column(index: int, trial: dict[str, Any]) -> Column:
    return Column(f"#{trial['number']}", lambda row: row["cells"][index], right=True)


def _there(curve: Sequence[float | None]) -> list[float]:
    return [value for value in curve if value is not None]


def _last(curve: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(curve) if value is not None), None)
