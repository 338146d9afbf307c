"""Checkpoints on what fsspec reaches: S3, GCS, a memory of the process in tests, ..."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]

from caviar_workers.checkpoints.manifest import (
    DATA,
    LARGEST_MANIFEST,
    MANIFEST,
    FileEntry,
    Kept,
    Manifest,
    Reference,
    UnusableCheckpoint,
    copy_checked,
    copy_hashing,
    digest_of,
    read_manifest,
)
from caviar_workers.checkpoints.store import UnreachableStore, below, files_of

_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
"""What fsspec needs to speak to object stores; none of it comes with caviar."""


class RemoteStore:
    """Credentials are those of the process, by whatever way the file system takes them (AWS_*, a profile, ...)."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._files, self._root = _opened(self.url)

    def put(self, source: Path, place: str, step: float) -> Kept:
        folder = f"{self._root}/{place}"
        entries = []
        for path, name in files_of(source):
            target = f"{folder}/{DATA}/{name}"
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            with path.open("rb") as original, self._files.open(target, "wb") as copy:
                entries.append(FileEntry(name, *copy_hashing(original, copy)))
        manifest = Manifest(step, tuple(entries), source.is_file())
        data = manifest.to_bytes()
        self._files.makedirs(folder, exist_ok=True)
        with self._files.open(f"{folder}/{MANIFEST}", "wb") as file:
            file.write(data)
        return Kept(f"{self.url}/{place}", manifest.size, digest_of(data))

    def fetch(self, reference: Reference, into: Path) -> Path:
        files, folder = _opened(reference.uri)
        try:
            with files.open(f"{folder}/{MANIFEST}", "rb") as file:
                manifest = read_manifest(file.read(LARGEST_MANIFEST), reference.digest)
            for entry in manifest.files:
                target = into / entry.path
                target.parent.mkdir(parents=True, exist_ok=True)
                with files.open(f"{folder}/{DATA}/{entry.path}", "rb") as source, target.open("wb") as copy:
                    copy_checked(entry, source, copy)
        except OSError as error:
            raise UnusableCheckpoint(str(error)) from error
        return into / manifest.files[0].path if manifest.single else into

    def remove(self, uri: str) -> None:
        folder = f"{self._root}/{below(self.url, uri)}"
        with contextlib.suppress(FileNotFoundError):
            self._files.rm(f"{folder}/{MANIFEST}")  # first: what is left is no checkpoint
        if self._files.exists(folder):
            self._files.rm(folder, recursive=True)


def _opened(url: str) -> tuple[Any, str]:
    scheme = url.partition("://")[0]
    try:
        files, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = _PACKAGES.get(scheme)
        how = f"pip install {package} on every node and beside the agent" if package else str(error)
        raise UnreachableStore(f"checkpoints at {scheme}:// need a package that is missing: {how}") from error
    except ValueError as error:
        raise UnreachableStore(f"checkpoints can't be kept at {scheme}://: {error}") from error
    return files, str(path).rstrip("/")
