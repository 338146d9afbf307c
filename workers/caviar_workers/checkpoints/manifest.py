"""What a checkpoint consists of, and whether what lies there is it. Standard library only.

A checkpoint is a folder: `manifest.json` beside `data/`, which holds the files. The digest of a checkpoint is that of
its manifest, which holds the digest and the size of every file: who knows the digest can tell a whole checkpoint from
a half-written, changed or foreign one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

MANIFEST = "manifest.json"
DATA = "data"
CHUNK = 1 << 20
LARGEST_MANIFEST = 16 << 20


class UnusableCheckpoint(Exception):  # noqa: N818  a finding, not a mistake
    """It is not there, not whole, or not the one that was asked for."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """`path` below the data folder, with slashes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    step: float
    files: tuple[FileEntry, ...]
    single: bool
    """One file was saved, rather than a folder."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def to_bytes(self) -> bytes:
        files = [[file.path, file.size, file.sha256] for file in self.files]
        document = {"version": 1, "step": self.step, "single": self.single, "files": files}
        return json.dumps(document, sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that was stored: where, how large (bytes), and the digest it is known by."""

    uri: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A checkpoint to go on from."""

    uri: str
    step: float
    digest: str


def digest_of(manifest: bytes) -> str:
    return "sha256:" + hashlib.sha256(manifest).hexdigest()


def read_manifest(data: bytes, digest: str) -> Manifest:
    """Raises UnusableCheckpoint when these bytes are not the manifest with that digest."""
    if digest_of(data) != digest:
        raise UnusableCheckpoint("its manifest is not the one that was stored")
    try:
        document: dict[str, Any] = json.loads(data)
        files = tuple(FileEntry(str(path), int(size), str(sha)) for path, size, sha in document["files"])
        manifest = Manifest(float(document["step"]), files, bool(document["single"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableCheckpoint(f"its manifest cannot be read: {error}") from error
    if any(not _is_below(file.path) for file in files):
        raise UnusableCheckpoint("its manifest names files outside of it")
    return manifest


def copy_hashing(source: BinaryIO, target: BinaryIO) -> tuple[int, str]:
    """Copies a stream; how many bytes it had, and their SHA-256."""
    seen, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        seen.update(chunk)
        target.write(chunk)
        size += len(chunk)
    return size, seen.hexdigest()


def copy_checked(entry: FileEntry, source: BinaryIO, target: BinaryIO) -> None:
    """Raises UnusableCheckpoint when the stream is not the file that the manifest describes."""
    if copy_hashing(source, target) != (entry.size, entry.sha256):
        raise UnusableCheckpoint(f"{entry.path} is not the file that was stored")


def _is_below(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and "\x00" not in path
