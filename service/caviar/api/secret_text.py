"""Secrets as text: tokens `cav_` + 43 random characters + a checksum, and the files that keep the first ones."""

import hashlib
import os
import re
import secrets
import string
import zlib
from pathlib import Path
from typing import Final

PREFIX: Final = "cav_"
RANDOM_CHARACTERS: Final = 43
"""Of 62 kinds: 256 bits, so that their plain SHA-256 is as good at rest as any slow hash."""
CHECK_CHARACTERS: Final = 6

_ALPHABET: Final = string.digits + string.ascii_letters
_TOKEN: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_CHARACTERS + CHECK_CHARACTERS}}}")


def new_token() -> str:
    body = new_secret()
    return PREFIX + body + _checksum(body)


def new_secret() -> str:
    """For codes and cookies, which nobody types."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))


def is_damaged(token: str) -> bool:
    """It has a token's form and a wrong checksum: a slip of the hand, or a guess. (Tokens that a deployment made up
    have other forms.)"""
    if _TOKEN.fullmatch(token) is None:
        return False
    body = token.removeprefix(PREFIX)
    return _checksum(body[:RANDOM_CHARACTERS]) != body[RANDOM_CHARACTERS:]


def sha256_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def read_or_make(path: Path) -> str:
    """The token in the file, which is made when there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        token = new_token()
        keep(path, token)
        return token


def keep(path: Path, token: str) -> None:
    """Mode 600 from its first byte on; who reads sees the old one or the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
    fresh.replace(path)


def _checksum(body: str) -> str:
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECK_CHARACTERS):
        rest, digit = divmod(rest, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
