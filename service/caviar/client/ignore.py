"""`.caviarignore`: what a code bundle leaves out, in the manner of .gitignore.

A line is a pattern; `#` begins a comment, `!` takes back, a trailing `/` means folders only, a `/` elsewhere ties the
pattern to the bundle's root. The last pattern that matches decides; what lies in a left-out folder can't be taken back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DEFAULT_PATTERNS: Final = (
    ".*/",
    ".DS_Store",
    ".env",
    "*.egg-info/",
    "*.py[cod]",
    "__pycache__/",
    "node_modules/",
)
"""Hidden folders (.git, .venv, caches), compiled code, and the file where secrets are kept."""


@dataclass(frozen=True, slots=True)
class Pattern:
    regex: re.Pattern[str]
    folders_only: bool
    keeps: bool

    def matches(self, path: str, *, is_folder: bool) -> bool:
        return (is_folder or not self.folders_only) and self.regex.fullmatch(path) is not None


def parse_patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    stripped = (line.strip() for line in lines)
    return tuple(_pattern(line) for line in stripped if line and not line.startswith("#"))


def is_ignored(path: str, *, is_folder: bool, patterns: Iterable[Pattern]) -> bool:
    """`path` is relative to the bundle's root, with `/` between its parts."""
    ignored = False
    for pattern in patterns:
        if pattern.matches(path, is_folder=is_folder):
            ignored = not pattern.keeps
    return ignored


def _pattern(line: str) -> Pattern:
    keeps = line.startswith("!")
    body = line[1:] if keeps else line
    folders_only = body.endswith("/")
    body = body.rstrip("/")
    anchored = "/" in body
    prefix = "" if anchored else "(?:.*/)?"
    return Pattern(re.compile(prefix + _translate(body.lstrip("/"))), folders_only, keeps)


_TOKENS: Final = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")


def _translate(glob: str) -> str:
    return "".join(_translate_token(token) for token in _TOKENS.findall(glob))


def _translate_token(token: str) -> str:
    match token:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _ if token.startswith("[") and token.endswith("]"):
            inside = token[1:-1].replace("\\", "\\\\")
            return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
        case _:
            return re.escape(token)
