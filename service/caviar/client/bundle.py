"""Code bundles: a folder as a zip whose bytes depend on its contents alone: the same code has the same digest."""

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

from caviar.client.bundle_names import check_names
from caviar.client.ignore import DEFAULT_PATTERNS, IGNORE_FILE, is_ignored, parse_patterns
from caviar.domain.errors import InvalidInput, Problem, TooLarge

MAX_FILES: Final = 10_000
MAX_BYTES: Final = 256 * 2**20
"""Of all files together, before they are compressed."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MAX_RATIO: Final = 100
"""A file that can be compressed more is stored as it is: agents take what is compressed 200 times for a bomb."""
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Bundle:
    content: bytes
    names: tuple[str, ...]

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()


def pack_folder(root: Path, extra: Mapping[str, bytes] | None = None, *, prefix: str = "") -> Bundle:
    """All files below `root` but for what `.caviarignore` and the defaults leave out; of their modes, the execute bit.

    `prefix` goes before each name (a package keeps its folder's name); `extra` adds files by name.
    Raises InvalidInput for what isn't a folder, holds a link that leads out of it or names that not every system can
    hold, TooLarge beyond the limits.
    """
    if not root.is_dir():
        raise InvalidInput((Problem("/code", f"{root} is not a folder"),))
    files = {prefix + path.relative_to(root).as_posix(): path for path in _walk(root, _patterns(root))}
    _check_size(root, files)
    return pack_files({**files, **(extra or {})})


def pack_files(files: Mapping[str, bytes | Path]) -> Bundle:
    """The files by their names in the bundle, each as its contents or the path that has them."""
    check_names(files)
    content, dense = _zipped(files, stored=())
    if dense:
        content, _ = _zipped(files, stored=dense)
    return Bundle(content, tuple(sorted(files)))


def _zipped(files: Mapping[str, bytes | Path], stored: Collection[str]) -> tuple[bytes, set[str]]:
    """The archive, and the names of what was compressed too well in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, whose modes follow
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            data, executable = _read(name, files[name])
            entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            archive.writestr(entry, data)
        dense = {entry.filename for entry in archive.infolist() if entry.file_size > _MAX_RATIO * entry.compress_size}
    return buffer.getvalue(), dense


def _read(name: str, source: bytes | Path) -> tuple[bytes, bool]:
    if isinstance(source, bytes):
        return source, False
    try:
        return source.read_bytes(), bool(source.stat().st_mode & stat.S_IXUSR)
    except OSError as failed:
        raise _refused(name, f"can't be read ({failed.strerror})") from failed


def _patterns(root: Path) -> GitIgnoreSpec:
    own = root / IGNORE_FILE
    try:
        lines = own.read_text(encoding="utf-8").splitlines() if own.is_file() else []
    except UnicodeDecodeError as wrong:
        raise InvalidInput((Problem("/code", f"{IGNORE_FILE} is not UTF-8: {wrong}"),)) from wrong
    return parse_patterns([*DEFAULT_PATTERNS, *lines])


def _walk(root: Path, patterns: GitIgnoreSpec) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _wanted_folder(root, here / name, patterns))
        for name in sorted(files):
            path = here / name
            if not is_ignored(path.relative_to(root).as_posix(), is_folder=False, patterns=patterns):
                _check_file(root, path)
                yield path


def _wanted_folder(root: Path, folder: Path, patterns: GitIgnoreSpec) -> bool:
    relative = folder.relative_to(root).as_posix()
    if is_ignored(relative, is_folder=True, patterns=patterns) or (folder / "pyvenv.cfg").exists():
        return False
    if folder.is_symlink():
        raise _refused(relative, "is a link to a folder")
    return True


def _check_file(root: Path, path: Path) -> None:
    relative = path.relative_to(root).as_posix()
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise _refused(relative, "is a link that leads out of the code folder")
    if not path.is_file():
        raise _refused(relative, "is not a plain file")


def _refused(relative: str, why: str) -> InvalidInput:
    problem = Problem("/code", f"{relative} {why}: put a copy in its place, or name it in {IGNORE_FILE}")
    return InvalidInput((problem,))


def _check_size(root: Path, files: Mapping[str, Path]) -> None:
    sizes = {name: path.stat().st_size for name, path in files.items()}
    total = sum(sizes.values())
    if len(files) <= MAX_FILES and total <= MAX_BYTES:
        return
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:_SHOWN]
    listed = ", ".join(f"{name} ({sizes[name] / 2**20:.1f} MB)" for name in largest)
    raise TooLarge(
        f"{root} holds {len(files)} files of {total / 2**20:.0f} MB; "
        f"a code bundle may hold {MAX_FILES} files and {MAX_BYTES // 2**20} MB",
        hint=f"leave out what training doesn't need in {IGNORE_FILE}; the largest are {listed}",
    )
