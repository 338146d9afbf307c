"""`caviar preview`: what a study would sample."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from caviar.cli.connect import connect
from caviar.cli.formats import Format
from caviar.cli.output import Column, emit, emit_one, print_table
from caviar.cli.studyfile import read_study_file
from caviar.client.words import value_text

BARS = " ▁▂▃▄▅▆▇█"


def preview(path: Path, data_dir: Path | None, output: Format) -> None:
    file = read_study_file(path)
    with connect(data_dir) as client:
        answer = client.preview(file.whole)
    match output:
        case Format.TABLE:
            print_preview(Console(), answer)
        case Format.JSON:
            emit_one(answer, output)
        case _:
            emit(answer["configurations"], [], output)


def print_preview(console: Console, answer: dict[str, Any]) -> None:
    for warning in answer["warnings"]:
        console.print(Text.assemble(("warning ", "yellow"), _warning(warning)), soft_wrap=True)
    rows = [{"name": name, **histogram} for name, histogram in answer["histograms"].items()]
    print_table(console, rows, HISTOGRAM_COLUMNS)
    console.print()
    if tiers := answer.get("tiers"):
        print_table(console, sorted(tiers, key=lambda row: row["tier"] or math.inf), TIER_COLUMNS)
        console.print()
    configurations = answer["configurations"]
    names = list(dict.fromkeys(name for params in configurations for name in params))
    print_table(console, [{"params": params} for params in configurations], [_column(name) for name in names])


def sparkline(counts: Sequence[int]) -> str:
    top = max(counts, default=0) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // top)] for count in counts)


def _warning(warning: Any) -> str:
    return f"{warning.get('pointer', '')}: {warning.get('detail', '')}" if isinstance(warning, dict) else str(warning)


def _extent(row: Any) -> str:
    if row["kind"] == "numbers":
        low, high = row["edges"][0], row["edges"][-1]
        if low % 1 == high % 1 == 0.5:  # bins around integers
            low, high = low + 0.5, high - 0.5
        return f"{value_text(low)} to {value_text(high)}"
    return " ".join(row["labels"][:5]) + (" ..." if len(row["labels"]) > 5 else "")


def _column(name: str) -> Column:
    return Column(name, lambda row: value_text(row["params"][name]) if name in row["params"] else "", right=True)


TIER_COLUMNS = (
    Column("tier", lambda row: str(row["tier"] or "never"), right=True),
    Column("parameter", lambda row: row["parameter"]),
    Column("until then", lambda row: value_text(row["default"]), right=True),
    Column("why", lambda row: row["why"]),
)
HISTOGRAM_COLUMNS = (
    Column("parameter", lambda row: row["name"]),
    Column("range", _extent),
    Column("scale", lambda row: row.get("scale", "")),
    Column("samples", lambda row: sparkline(row["counts"])),
)
