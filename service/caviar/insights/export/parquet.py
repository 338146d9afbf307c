"""Parquet by pyarrow, one row group after the other."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from caviar.domain.errors import MissingExtra
from caviar.insights.export.columns import FIELDS, FINAL, PARAMS, TIMES, Kinds, row_of
from caviar.insights.export.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP: Final = 10_000


def as_parquet(selection: Selection) -> Iterator[bytes]:
    """Times as UTC timestamps, `final` and parameters of several types as JSON texts. Raises MissingExtra at once."""
    try:
        import pyarrow as pa  # noqa: PLC0415  (an extra)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("pyarrow", "parquet") from error
    schema = pa.schema(_fields(pa, selection.kinds))

    def written() -> Iterator[bytes]:
        sink = _Sink()
        with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for rows in _groups(selection):
                writer.write_table(pa.Table.from_pylist(rows, schema=schema), row_group_size=ROW_GROUP)
                yield sink.take()
        yield sink.take()

    return written()


def _groups(selection: Selection) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for chunk in selection.chunks():
        rows += [_with_times(row_of(document, selection.kinds)) for document in chunk]
        if len(rows) >= ROW_GROUP:
            yield rows
            rows = []
    yield rows


def _with_times(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: row[name] and datetime.fromisoformat(row[name]) for name in TIMES}}


def _fields(pa: Any, kinds: Kinds) -> "list[tuple[str, pa.DataType]]":
    types = {int: pa.int64(), float: pa.float64(), str: pa.string(), bool: pa.bool_(), object: pa.string()}
    fields = {name: types[kind] for name, kind in FIELDS.items()}
    fields |= dict.fromkeys(TIMES, pa.timestamp("us", tz="UTC"))
    fields |= {PARAMS + name: types[kind] for name, kind in kinds.items()}
    return [*fields.items(), (FINAL, pa.string())]


class _Sink:
    """A file that is emptied while it is written."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
