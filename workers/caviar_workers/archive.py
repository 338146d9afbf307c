"""A strict reader of zip archives from strangers.

It reads the central directory by itself instead of through `zipfile`, which builds an object for each of millions of
claimed entries, trusts their sizes, and (before Python 3.11.8) lets entries share bytes. What a plain archiver doesn't
write is refused: ZIP64, several disks, encryption, other methods than store and deflate, entries that overlap.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import BinaryIO, Final, NamedTuple

MAX_ENTRIES: Final = 10_000
MAX_RATIO: Final = 200
"""Of one entry's size to its compressed size; small entries are free of it."""
_RATIO_FLOOR: Final = 2**20
_MAX_DIRECTORY: Final = 16 * 2**20
_PIECE: Final = 2**18

_END: Final = struct.Struct("<4s4H2LH")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_UNREADABLE_FLAGS: Final = {0x0001: "encrypted", 0x0020: "a patch", 0x0040: "encrypted", 0x2000: "encrypted"}
_KINDS: Final = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class BundleError(Exception):
    """A bundle that can't be unpacked. `infrastructure` is true when the node is to blame (a full disk), not it."""

    def __init__(self, message: str, *, infrastructure: bool = False) -> None:
        super().__init__(message)
        self.infrastructure = infrastructure


@dataclass(frozen=True, slots=True)
class Entry:
    """What the central directory says of one entry; `raw_name` and `data` agree with its local header."""

    name: str
    raw_name: bytes
    is_folder: bool
    executable: bool
    deflated: bool
    crc: int
    packed: int
    size: int
    offset: int
    data: int = 0


class _End(NamedTuple):
    entries: int
    start: int
    size: int


class _Central(NamedTuple):
    """A record of the central directory, field by field (APPNOTE 4.3.12)."""

    signature: bytes
    made_by: int
    needs: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal: int
    attributes: int
    offset: int


def read_directory(file: BinaryIO, length: int) -> list[Entry]:
    """All entries of an archive of `length` bytes, in the directory's order; none of their contents is read."""
    end = _find_end(file, length)
    entries = [_located(file, entry, end.start) for entry in _central_entries(file, end)]
    _refuse_overlaps(entries, end.start)
    return entries


def contents(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The entry's contents in pieces of at most 256 KiB; raises where they stop being what the directory said."""
    total, crc = 0, 0
    file.seek(entry.data)
    for piece in _inflated(file, entry) if entry.deflated else _stored(file, entry):
        total, crc = total + len(piece), zlib.crc32(piece, crc)
        if total > entry.size:
            raise BundleError(f"entry {entry.name!r} holds more than the {entry.size} bytes it claims")
        if total > max(_RATIO_FLOOR, MAX_RATIO * entry.packed):
            raise BundleError(f"entry {entry.name!r} is compressed more than {MAX_RATIO} times, as bombs are")
        yield piece
    if total != entry.size:
        raise BundleError(f"entry {entry.name!r} holds {total} bytes instead of the {entry.size} it claims")
    if crc != entry.crc:
        raise BundleError(f"entry {entry.name!r} is damaged: its checksum is another")


def _find_end(file: BinaryIO, length: int) -> _End:
    tail_length = min(length, _END.size + 0xFFFF)
    file.seek(length - tail_length)
    tail = file.read(tail_length)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise BundleError("it is not a zip archive")
    _, disk, first_disk, here, entries, size, start, comment = _END.unpack_from(tail, at)
    position = length - tail_length + at
    if disk or first_disk or here != entries:
        raise BundleError("the archive is spread over several disks")
    if 0xFFFF in (here, entries) or 0xFFFFFFFF in (size, start):
        raise BundleError(f"the archive is in ZIP64 form; at most {MAX_ENTRIES} entries are allowed")
    if entries > MAX_ENTRIES:
        raise BundleError(f"the archive has {entries} entries; at most {MAX_ENTRIES} are allowed")
    if start + size != position or position + _END.size + comment != length or size > _MAX_DIRECTORY:
        raise BundleError("the archive's directory is damaged")
    return _End(entries, start, size)


def _central_entries(file: BinaryIO, end: _End) -> Iterator[Entry]:
    file.seek(end.start)
    directory = file.read(end.size)
    at = 0
    for _ in range(end.entries):
        if at + _CENTRAL.size > len(directory):
            raise BundleError("the archive's directory is damaged: it ends too early")
        record = _Central._make(_CENTRAL.unpack_from(directory, at))
        name_end = at + _CENTRAL.size + record.name_length
        yield _entry(record, directory[at + _CENTRAL.size : name_end])
        at = name_end + record.extra_length + record.comment_length
    if at != len(directory):
        raise BundleError("the archive's directory is damaged: it holds more entries than it claims")


def _entry(record: _Central, raw_name: bytes) -> Entry:
    if record.signature != b"PK\x01\x02" or record.disk:
        raise BundleError("the archive's directory is damaged")
    name, mode = _text(raw_name), record.attributes >> 16
    _check_readable(name, record)
    is_folder = name.endswith("/")
    _check_kind(name, stat.S_IFMT(mode), is_folder=is_folder)
    if is_folder and record.size:
        raise BundleError(f"entry {name!r} is a folder that holds bytes")
    return Entry(
        name=name.removesuffix("/"),
        raw_name=raw_name,
        is_folder=is_folder,
        executable=bool(mode & 0o111) and not is_folder,
        deflated=record.method == 8,
        crc=record.crc,
        packed=record.packed,
        size=record.size,
        offset=record.offset,
    )


def _check_readable(name: str, record: _Central) -> None:
    for flag, what in _UNREADABLE_FLAGS.items():
        if record.flags & flag:
            raise BundleError(f"entry {name!r} is {what}")
    if record.method not in (0, 8):
        raise BundleError(f"entry {name!r} is compressed by method {record.method}; only store and deflate are known")


def _text(raw_name: bytes) -> str:
    try:
        return raw_name.decode()
    except UnicodeDecodeError as wrong:
        raise BundleError(f"the name {raw_name[:100]!r} is not UTF-8") from wrong


def _check_kind(name: str, kind: int, *, is_folder: bool) -> None:
    if kind in (0, stat.S_IFDIR if is_folder else stat.S_IFREG):
        return
    what = _KINDS.get(kind, "neither a plain file nor a folder")
    raise BundleError(f"entry {name!r} is {what}; only plain files and folders are allowed")


def _located(file: BinaryIO, entry: Entry, directory: int) -> Entry:
    """The entry with the place of its bytes, which its local header tells."""
    file.seek(entry.offset)
    header = file.read(_LOCAL.size)
    if entry.offset + _LOCAL.size > directory or not header.startswith(b"PK\x03\x04"):
        raise BundleError(f"entry {entry.name!r} is not where the directory says")
    fields = _LOCAL.unpack(header)
    if file.read(fields[9]) != entry.raw_name or (fields[3] == 8) != entry.deflated:
        raise BundleError(f"entry {entry.name!r} is called otherwise in its own header than in the directory")
    data = entry.offset + _LOCAL.size + fields[9] + fields[10]
    return replace(entry, data=data)


def _refuse_overlaps(entries: Sequence[Entry], directory: int) -> None:
    spans = sorted((entry.offset, entry.data + entry.packed, entry.name) for entry in entries)
    for (_, end, name), (following, _, other) in pairwise([*spans, (directory, directory, "the directory")]):
        if end > following:
            raise BundleError(f"entry {name!r} overlaps {other!r}")


def _stored(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    left = entry.packed
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise BundleError(f"entry {entry.name!r} is cut off")
        left -= len(piece)
        yield piece


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = _stored(file, entry)
    while not inflater.eof:
        chunk = inflater.unconsumed_tail or next(packed, b"")
        try:
            piece = inflater.decompress(chunk, _PIECE)
        except zlib.error as wrong:
            raise BundleError(f"entry {entry.name!r} is damaged: {wrong}") from wrong
        if not piece and not chunk:
            raise BundleError(f"entry {entry.name!r} is cut off")
        yield piece
    if inflater.unused_data or next(packed, b""):
        raise BundleError(f"entry {entry.name!r} has bytes behind its end")
