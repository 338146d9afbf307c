"""Where checkpoints are kept: a folder, or whatever else fsspec reaches. Standard library only for a folder.

What may be repeated, and what may be lost
------------------------------------------
* `put` either leaves a whole checkpoint or none that anybody will use: in a folder it is written aside, fsynced and
  renamed; elsewhere the manifest is written last, and what has no manifest is no checkpoint.
* `fetch` checks every byte against the digest the caller knows.
* `remove` may be repeated; what is gone already is gone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from caviar_workers.checkpoints.manifest import (
    DATA,
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


class Store(Protocol):
    url: str
    """Without a slash at its end."""

    def put(self, source: Path, place: str, step: float) -> Kept:
        """Keeps a file or a folder at `place` (below the store, with slashes). Raises OSError."""

    def fetch(self, reference: Reference, into: Path) -> Path:
        """A copy of what was saved, below `into`. Raises UnusableCheckpoint."""

    def remove(self, uri: str) -> None:
        """Raises ValueError for what does not lie in this store, OSError when it could not be done."""


class UnreachableStore(Exception):  # noqa: N818  the message says what to install
    """Nothing here can speak to a store at this URL."""


def open_store(url: str) -> Store:
    """A path or a file URL is a folder; any other URL is fsspec's (s3://bucket/path, gs://..., memory://...). Raises
    UnreachableStore where the package for it is missing."""
    if is_folder(url):
        return FolderStore(folder_of(url))
    from caviar_workers.checkpoints.remote import RemoteStore  # noqa: PLC0415  needs fsspec

    return RemoteStore(url)


def is_folder(url: str) -> bool:
    return "://" not in url or url.startswith("file:")


def folder_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else Path(url).absolute()


class FolderStore:
    def __init__(self, root: Path) -> None:
        self._root = root
        self.url = root.as_uri().rstrip("/")

    def put(self, source: Path, place: str, step: float) -> Kept:
        final = self._root / place
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = final.parent / f".{final.name}.{os.getpid()}.part"
        try:
            kept = self._write(source, aside, step)
            aside.rename(final)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _sync_folder(final.parent)
        return Kept(f"{self.url}/{place}", *kept)

    def fetch(self, reference: Reference, into: Path) -> Path:
        folder = folder_of(reference.uri)
        try:
            manifest = read_manifest((folder / MANIFEST).read_bytes(), reference.digest)
            for entry in manifest.files:
                target = into / entry.path
                target.parent.mkdir(parents=True, exist_ok=True)
                with (folder / DATA / entry.path).open("rb") as source, target.open("wb") as copy:
                    copy_checked(entry, source, copy)
        except OSError as error:
            raise UnusableCheckpoint(str(error)) from error
        return into / manifest.files[0].path if manifest.single else into

    def remove(self, uri: str) -> None:
        place = below(self.url, uri)
        folder = self._root / unquote(place)
        gone = folder.parent / f".{folder.name}.gone"
        if folder.exists():
            folder.rename(gone)  # no reader ever sees half of it
        shutil.rmtree(gone, ignore_errors=True)

    @staticmethod
    def _write(source: Path, aside: Path, step: float) -> tuple[int, str]:
        """Size and digest of what was written and fsynced."""
        entries = []
        for path, name in files_of(source):
            target = aside / DATA / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("rb") as original, target.open("wb") as copy:
                entries.append(FileEntry(name, *copy_hashing(original, copy)))
                copy.flush()
                os.fsync(copy.fileno())
        manifest = Manifest(step, tuple(entries), source.is_file())
        data = manifest.to_bytes()
        aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (aside / MANIFEST).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        for folder in (*(each for each in aside.rglob("*") if each.is_dir()), aside):
            _sync_folder(folder)
        return manifest.size, digest_of(data)


def files_of(source: Path) -> Iterator[tuple[Path, str]]:
    """The files of what is to be saved, with their names below it. Raises FileNotFoundError."""
    if source.is_file():
        yield source, source.name
        return
    if not source.is_dir():
        raise FileNotFoundError(f"there is no file or folder {source} to keep as a checkpoint")
    for path in sorted(source.rglob("*")):
        if path.is_file():
            yield path, path.relative_to(source).as_posix()


def below(url: str, uri: str) -> str:
    """The place of `uri` in the store at `url`. Raises ValueError when it lies elsewhere."""
    place = uri.removeprefix(url + "/")
    if place == uri or not place.strip("/") or ".." in unquote(place).split("/"):
        raise ValueError(f"{uri} does not lie in {url}")
    return place


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
