"""Exports, written as they come."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from caviar.client.transport import Request, Transport

BY_SUFFIX: Final = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}
SILENCE: Final = 60.0
"""Seconds without a byte after which the service is given up."""


def form_of(target: object, form: str | None) -> str:
    """The format asked for, else that of the file's name, else csv."""
    suffix = Path(target).suffix.lower() if isinstance(target, str | Path) else ""
    return form or BY_SUFFIX.get(suffix, "csv")


def export(
    transport: Transport, path: str, target: str | Path | BinaryIO, form: str | None, asked: Mapping[str, str | None]
) -> None:
    """Raises NoConnection when the stream breaks off; then no file is left."""
    request = Request("GET", path, {"format": form_of(target, form), **asked}, timeout=SILENCE)
    if not isinstance(target, str | Path):
        _write(transport, request, target)
        return
    file = Path(target)
    fresh = file.with_name(f".{file.name}.part")
    try:
        with fresh.open("wb") as stream:
            _write(transport, request, stream)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def _write(transport: Transport, request: Request, stream: BinaryIO) -> None:
    with transport.stream(request) as answer:
        stream.writelines(answer.iter_bytes())
