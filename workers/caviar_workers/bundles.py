"""Code bundles on a node: unpacked once, safely, into a folder named by their digest, and then shared by all slots.

Whoever finds the folder finds it whole: it is written beside its place, synced, and renamed. Unpackers of one digest
queue at a file lock; one that died leaves only a hidden folder that the next one clears away.
"""

import fcntl
import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from caviar_workers.archive import BundleError, Entry, contents, read_directory
from caviar_workers.archive_names import check_names

__all__ = ["MAX_PACKED", "MAX_UNPACKED", "BundleError", "ensure_unpacked"]

MAX_PACKED: Final = 256 * 2**20
MAX_UNPACKED: Final = 512 * 2**20
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")


def ensure_unpacked(digest: str, fetch: Callable[[str], bytes | Path], root: Path) -> Path:
    """The folder below `root` that holds the bundle `digest` ("sha256:…"), unpacked first if nobody has yet.

    `fetch` gives the archive or the path of a file that holds it (which stays the caller's); it is called at most once,
    by whoever unpacks, and its errors pass. Raises BundleError for an archive that isn't `digest` or isn't safe.
    """
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise BundleError(f"{digest[:100]!r} is not a digest of the form sha256:<64 hexadecimal digits>")
    folder = root / match[1]
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with _lock(root / f".{match[1]}.lock"):
        if not folder.is_dir():
            _unpack(digest, fetch(digest), folder)
    return folder


def _unpack(digest: str, archive: bytes | Path, folder: Path) -> None:
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    try:
        with _opened(archive) as file:
            length = _verified(file, folder.name)
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _write(file, length, unfinished)
        unfinished.rename(folder)
        _sync_folder(folder.parent)
    except BundleError as refused:
        raise BundleError(f"bundle {digest[:19]}…: {refused}") from refused
    except OSError as failed:
        why = f"bundle {digest[:19]}… could not be unpacked on this node: {failed}"
        raise BundleError(why, infrastructure=True) from failed
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _opened(archive: bytes | Path) -> BinaryIO:
    return archive.open("rb") if isinstance(archive, Path) else io.BytesIO(archive)


def _verified(file: BinaryIO, expected: str) -> int:
    """The archive's length, once its bytes are known to be the expected ones."""
    sha256, length = hashlib.sha256(), 0
    while piece := file.read(2**20):
        length += len(piece)
        if length > MAX_PACKED:
            raise BundleError(f"the archive is larger than {MAX_PACKED // 2**20} MB")
        sha256.update(piece)
    if sha256.hexdigest() != expected:
        raise BundleError(f"what was fetched has another digest, sha256:{sha256.hexdigest()[:12]}…")
    return length


def _write(file: BinaryIO, length: int, folder: Path) -> None:
    entries = read_directory(file, length)
    check_names(entries)
    left = MAX_UNPACKED
    for entry in entries:
        path = folder / entry.name
        if entry.is_folder:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            left -= _write_file(file, entry, path, left)
    for parent, _, _ in os.walk(folder, topdown=False):
        _sync_folder(Path(parent))


def _write_file(file: BinaryIO, entry: Entry, path: Path, most: int) -> int:
    """Returns how many bytes were written. Of its mode an entry keeps whether it may be executed."""
    written = 0
    with path.open("xb") as target:
        for piece in contents(file, entry):
            written += len(piece)
            if written > most:
                raise BundleError(f"it holds more than {MAX_UNPACKED // 2**20} MB when unpacked")
            target.write(piece)
        os.fchmod(target.fileno(), 0o755 if entry.executable else 0o644)
        target.flush()
        os.fsync(target.fileno())
    return written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """The file stays: taking it away would let two hold the lock, one of them on a file without a name."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
