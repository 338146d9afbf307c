"""Code bundles: a folder as a zip whose bytes depend on its contents alone: the same code has the same digest."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from caviar.client.ignore import DEFAULT_PATTERNS, Pattern, is_ignored, parse_patterns
from caviar.domain.errors import InvalidInput, Problem, TooLarge

IGNORE_FILE: Final = ".caviarignore"
MAX_FILES: Final = 5_000
MAX_BYTES: Final = 100 * 2**20
"""Of all files together, before they are compressed."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    content: bytes
    names: tuple[str, ...]

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()


def pack_folder(root: Path, extra: Mapping[str, bytes] | None = None, *, prefix: str = "") -> Bundle:
    """All files below `root` but for what `.caviarignore` and the defaults leave out.

    `prefix` goes before each name (a package keeps its folder's name); `extra` adds files by name.
    Raises InvalidInput for what isn't a folder or holds a link that leads out of it, TooLarge beyond the limits.
    """
    if not root.is_dir():
        raise InvalidInput((Problem("/code", f"{root} is not a folder"),))
    files = {prefix + path.relative_to(root).as_posix(): path for path in _walk(root, _patterns(root))}
    _check_size(root, files)
    return pack_files({**{name: path.read_bytes() for name, path in files.items()}, **(extra or {})})


def pack_files(files: Mapping[str, bytes]) -> Bundle:
    buffer = io.BytesIO()
    names = tuple(sorted(files))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return Bundle(buffer.getvalue(), names)


def _patterns(root: Path) -> tuple[Pattern, ...]:
    own = root / IGNORE_FILE
    lines = own.read_text(encoding="utf-8").splitlines() if own.is_file() else []
    return parse_patterns([*DEFAULT_PATTERNS, *lines])


def _walk(root: Path, patterns: tuple[Pattern, ...]) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _wanted_folder(root, here / name, patterns))
        for name in sorted(files):
            path = here / name
            if not is_ignored(path.relative_to(root).as_posix(), is_folder=False, patterns=patterns):
                _check_file(root, path)
                yield path


def _wanted_folder(root: Path, folder: Path, patterns: tuple[Pattern, ...]) -> bool:
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
    size = sum(path.stat().st_size for path in files.values())
    if len(files) <= MAX_FILES and size <= MAX_BYTES:
        return
    largest = max(files.values(), key=lambda path: path.stat().st_size)
    raise TooLarge(
        f"{root} holds {len(files)} files of {size / 2**20:.0f} MB; "
        f"a code bundle may hold {MAX_FILES} files and {MAX_BYTES // 2**20} MB",
        hint=f"leave out what training doesn't need in {IGNORE_FILE} (the largest file is {largest.relative_to(root)})",
    )
