"""`caviar importance`: which parameters mattered."""

from typing import Any

from rich.console import Console
from rich.text import Text

from caviar.cli.formats import Format
from caviar.cli.output import Column, Row, emit, emit_one, print_table
from caviar.client.study import Study

WIDTH = 20


def importance(study: Study, method: str, output: Format) -> None:
    said = study.importance(method)
    match output:
        case Format.TABLE:
            print_importance(Console(), said)
        case Format.JSON:
            emit_one(said, output)
        case _:
            emit(said["parameters"], [], output)


def print_importance(console: Console, said: dict[str, Any]) -> None:
    """Bars of what tells good trials from others; nothing is drawn that can't be said."""
    if said["message"]:
        console.print(Text(said["message"], style="yellow"), soft_wrap=True)
    if said["enough"]:
        print_table(console, said["parameters"], COLUMNS)


def _bar(row: Row) -> str:
    share: float = row["whole"]["share"]
    return "█" * round(share * WIDTH)


def _share(region: str) -> Column:
    title = {"whole": "whole space", "good": "best fifth"}[region]
    return Column(title, lambda row: _percent(row[region]), right=True)


def _percent(share: dict[str, Any] | None) -> str:
    if share is None:
        return "-"
    return f"{share['share']:.0%} ({share['low']:.0%}..{share['high']:.0%})" if share["clear"] else "unclear"


COLUMNS = (
    Column("parameter", lambda row: row["name"]),
    _share("whole"),
    _share("good"),
    Column("prior", lambda row: "-" if row["prior"] is None else str(row["prior"]), right=True),
    Column("", _bar),
)
