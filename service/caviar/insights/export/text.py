"""CSV and JSON, chunk by chunk."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson

from caviar.domain.cells import cell
from caviar.insights.export.columns import FIELDS, FINAL, PARAMS, row_of
from caviar.insights.export.selection import Selection


def as_csv(selection: Selection) -> Iterator[bytes]:
    """RFC 4180 with a header; true and false in small letters, nothing for what a trial lacks, JSON in `final`."""
    names = [*FIELDS, *(PARAMS + name for name in selection.kinds), FINAL]
    yield _lines([[cell(name) for name in names]])
    for chunk in selection.chunks():
        rows = (row_of(document, selection.kinds) for document in chunk)
        yield _lines([[_cell(row[name]) for name in names] for row in rows])


def as_json_lines(selection: Selection) -> Iterator[bytes]:
    for chunk in selection.chunks():
        yield b"".join(orjson.dumps(document) + b"\n" for document in chunk)


def as_json(selection: Selection) -> Iterator[bytes]:
    """One array, of documents as GET /trials/{trial} answers them."""
    before = b"[\n"
    for chunk in selection.chunks():
        yield before + b",\n".join(map(orjson.dumps, chunk))
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else cell(value)
