"""Which names an archive may hold, so that unpacking writes each file once, below one folder, on any file system."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from caviar_workers.archive import BundleError, Entry

MAX_NAME: Final = 1024
MAX_PART: Final = 255
MAX_DEPTH: Final = 32
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def check_names(entries: Iterable[Entry]) -> None:
    """Raises BundleError for the first name that leads outside, can't be a file's name, or meets another one."""
    spellings: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for entry in entries:
        parts = _checked_parts(entry)
        for depth in range(1, len(parts)):
            _meet(spellings, kinds, "/".join(parts[:depth]), "parent")
        _meet(spellings, kinds, entry.name, "folder" if entry.is_folder else "file")


def _checked_parts(entry: Entry) -> list[str]:
    name, parts = entry.name, entry.name.split("/")
    if entry.raw_name.startswith(b"/") or _DRIVE.match(name):
        raise BundleError(f"the name {name!r} is absolute")
    if "\\" in name:
        raise BundleError(f"the name {name!r} has a backslash")
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise BundleError(f"the name {name!r} has control characters")
    if ".." in parts:
        raise BundleError(f"the name {name!r} leads out of the bundle")
    if "" in parts or "." in parts:
        raise BundleError(f"the name {name!r} has an empty part")
    longest = max(len(part.encode()) for part in parts)
    if len(entry.raw_name) > MAX_NAME or longest > MAX_PART or len(parts) > MAX_DEPTH:
        raise BundleError(f"the name {name[:60]!r}… is too long or too deep")
    return parts


def _meet(spellings: dict[str, str], kinds: dict[str, str], path: str, kind: str) -> None:
    """Enters `path`; a parent may come again and become a folder's entry once, everything else comes once."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    known = spellings.setdefault(folded, path)
    if known != path:
        raise BundleError(f"the names {known!r} and {path!r} are the same where case doesn't count")
    before = kinds.get(path)
    if before == kind != "parent":
        raise BundleError(f"the name {path!r} comes twice")
    if before and "file" in (before, kind):
        raise BundleError(f"the name {path!r} is both a file and a folder")
    kinds[path] = "folder" if before == "folder" else kind
