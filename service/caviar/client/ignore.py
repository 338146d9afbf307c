"""`.caviarignore`: what a code bundle leaves out, in the syntax of .gitignore."""

import warnings
from collections.abc import Iterable
from typing import Final

from pathspec import GitIgnoreSpec

from caviar.domain.errors import InvalidInput, Problem

IGNORE_FILE: Final = ".caviarignore"
DEFAULT_PATTERNS: Final = (
    ".*/",
    ".DS_Store",
    ".env",
    "*.egg-info/",
    "*.py[cod]",
    "__pycache__/",
    "node_modules/",
)
"""Hidden folders (.git, .venv, .caviar, caches), compiled code, and the file where secrets are kept."""


def parse_patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """Raises InvalidInput for a line that is no pattern."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of re, about "[[]", which is meant
            return GitIgnoreSpec.from_lines(lines)
    except ValueError as wrong:
        raise InvalidInput((Problem("/code", f"{IGNORE_FILE}: {wrong}"),)) from wrong


def is_ignored(path: str, *, is_folder: bool, patterns: GitIgnoreSpec) -> bool:
    """`path` is relative to the bundle's root, with `/` between its parts. What lies in a left-out folder isn't asked
    for: it can't be taken back."""
    return patterns.match_file(path + "/" if is_folder else path)
