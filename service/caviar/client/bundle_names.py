"""Names that can be unpacked on any agent, told before anything is uploaded. (Agents check again, for themselves.)"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from caviar.domain.errors import InvalidInput, Problem

MAX_NAME: Final = 1024
MAX_DEPTH: Final = 32
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def check_names(names: Iterable[str]) -> None:
    """Raises InvalidInput with a problem for each name that can't travel."""
    ordered = sorted(names)
    problems = [f"the name {name!r} {why}" for name in ordered if (why := _wrong(name))]
    problems += _clashes(ordered)
    if problems:
        raise InvalidInput([Problem("/code", problem) for problem in problems])


def _wrong(name: str) -> str | None:
    if any(0xD800 <= ord(letter) < 0xE000 for letter in name):
        return "is not UTF-8"
    if "\\" in name or _DRIVE.match(name) or any(unicodedata.category(letter) == "Cc" for letter in name):
        return "has a backslash, a drive letter or a control character"
    if len(name.encode()) > MAX_NAME or name.count("/") >= MAX_DEPTH:
        return "is too long or too deep"
    return None


def _clashes(ordered: Iterable[str]) -> list[str]:
    """Files and folders whose names are one where case doesn't count."""
    spellings: dict[str, str] = {}
    clashes: dict[str, str] = {}
    for name in ordered:
        parts = name.split("/")
        for path in ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)):
            known = spellings.setdefault(_folded(path), path)
            if known != path:
                clashes.setdefault(path, f"the names {known!r} and {path!r} are the same where case doesn't count")
                break
    return list(clashes.values())


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
