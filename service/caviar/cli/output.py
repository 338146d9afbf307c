"""Printing rows: a table for people (aligned plain lines where there is no terminal), JSON or CSV for programs."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TextIO, assert_never

from rich import box
from rich.console import Console
from rich.table import Table

from caviar.cli.formats import Format
from caviar.domain.cells import cell
from caviar.domain.numbers import json_number

Row = Mapping[str, Any]
"""What the service answered, as JSON carries it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One of a table for people; `text` is given the row."""

    title: str
    text: Callable[[Row], str]
    right: bool = False


def emit(rows: Iterable[Row], columns: Sequence[Column], output: Format, *, file: TextIO | None = None) -> None:
    """Rows are printed as they come, but for tables and CSV, which need all of them for their columns."""
    file = file or sys.stdout
    match output:
        case Format.TABLE:
            print_table(Console(file=file), list(rows), columns)
        case Format.JSON:
            file.writelines(chain(_json_array(rows), "\n"))
        case Format.JSONL:
            file.writelines(to_json(row) + "\n" for row in rows)
        case Format.CSV:
            write_csv(rows, file)
        case _:
            assert_never(output)


def emit_one(row: Row, output: Format) -> None:
    """A single document; as CSV it is one line of a table."""
    match output:
        case Format.CSV:
            write_csv([row], sys.stdout)
        case Format.JSON:
            sys.stdout.write(json.dumps(to_plain(row), indent=2, ensure_ascii=False) + "\n")
        case _:
            sys.stdout.write(to_json(row) + "\n")


def print_table(console: Console, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    if not console.is_terminal:
        console.file.writelines(line + "\n" for line in plain_lines(rows, columns))
        return
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(column.text(row) for column in columns))
    console.print(table, markup=False)


def plain_lines(rows: Sequence[Row], columns: Sequence[Column]) -> list[str]:
    """Two spaces between columns, nothing cut, nothing wrapped: for grep and awk."""
    cells = [[column.title for column in columns], *([column.text(row) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    aligned = (zip(line, widths, columns, strict=True) for line in cells)
    return ["  ".join(t.rjust(w) if c.right else t.ljust(w) for t, w, c in line).rstrip() for line in aligned]


def write_csv(rows: Iterable[Row], file: TextIO) -> None:
    """One column per field; those of nested objects are `outer.inner`. Fields are taken from all rows."""
    flat = [_flat(row) for row in rows]
    fields = dict.fromkeys(chain.from_iterable(flat))
    writer = csv.DictWriter(file, list(fields), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)


def to_json(value: Any) -> str:
    return json.dumps(to_plain(value), ensure_ascii=False, allow_nan=False)


def to_plain(value: Any) -> Any:
    """With numbers that JSON lacks as their names."""
    match value:
        case float():
            return json_number(value)
        case Mapping():
            return {name: to_plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [to_plain(inner) for inner in value]
        case _:
            return value


def _json_array(rows: Iterable[Row]) -> Iterable[str]:
    yield "["
    for index, row in enumerate(rows):
        yield ("," if index else "") + "\n  " + to_json(row)
    yield "\n]"


def _flat(row: Row, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = cell(to_json(value) if isinstance(value, list) else value)
    return flat
