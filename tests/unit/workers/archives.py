"""Zip archives written byte by byte, so that each of their fields can lie."""

import stat
import struct
import zlib
from dataclasses import dataclass
from typing import Any


@dataclass
class Part:
    """One entry. What is None is told truthfully."""

    name: bytes = b"train.py"
    data: bytes = b"print(1)\n"
    deflate: bool = True
    method: int | None = None
    flags: int = 0
    mode: int = stat.S_IFREG | 0o644
    crc: int | None = None
    packed_size: int | None = None
    size: int | None = None
    offset: int | None = None
    local_name: bytes | None = None
    raw: bytes | None = None
    disk: int = 0

    @property
    def stored(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return deflated(self.data) if self.deflate else self.data


def deflated(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def archive(*parts: Part, comment: bytes = b"", prefix: bytes = b"", **end: Any) -> bytes:
    """`end` overrides fields of the end record: disk, first_disk, here, entries, size, start, comment_length."""
    body, directory = prefix, b""
    for part in parts:
        offset = len(body) if part.offset is None else part.offset
        body += _local(part) + part.stored
        directory += _central(part, offset)
    start = len(body)
    fields = {
        "disk": 0,
        "first_disk": 0,
        "here": len(parts),
        "entries": len(parts),
        "size": len(directory),
        "start": start,
        "comment_length": len(comment),
        **end,
    }
    return body + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", *fields.values()) + comment


def _sizes(part: Part) -> tuple[int, int, int]:
    return (
        zlib.crc32(part.data) if part.crc is None else part.crc,
        len(part.stored) if part.packed_size is None else part.packed_size,
        len(part.data) if part.size is None else part.size,
    )


def _method(part: Part) -> int:
    return (8 if part.deflate else 0) if part.method is None else part.method


def _local(part: Part) -> bytes:
    name = part.name if part.local_name is None else part.local_name
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, part.flags, _method(part), 0, 33, *_sizes(part), len(name), 0)
    return header + name


def _central(part: Part, offset: int) -> bytes:
    header = struct.pack(
        "<4s6H3L5H2L",
        *(b"PK\x01\x02", (3 << 8) | 20, 20, part.flags, _method(part), 0, 33),
        *_sizes(part),
        *(len(part.name), 0, 0, part.disk, 0, part.mode << 16, offset),
    )
    return header + part.name
