"""Pages and the tokens between them. A token is opaque, and good for the query it was given with only."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from caviar.domain.errors import InvalidInput, Problem

Key = list[Any]


@dataclass(frozen=True, slots=True)
class Page:
    items: list[dict[str, Any]]
    next_page_token: str | None

    def to_document(self) -> dict[str, Any]:
        return {"items": self.items, "next_page_token": self.next_page_token}


def page_token(query: str, key: Key) -> str:
    """`query` is everything that the pages have in common, `key` where the next one begins."""
    return base64.urlsafe_b64encode(orjson.dumps([_digest(query), *key])).decode().rstrip("=")


def page_key(query: str, token: str | None, types: tuple[type | tuple[type, ...], ...]) -> Key | None:
    """Inverse of `page_token`; None for no token. Raises InvalidInput for one that is not of this query."""
    if token is None:
        return None
    try:
        key: Key
        digest, *key = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise _refused("is not one of ours") from None
    if digest != _digest(query):
        raise _refused("was given for another query: repeat state, filter and order_by as they were")
    if len(key) != len(types) or not all(_fits(part, wanted) for part, wanted in zip(key, types, strict=True)):
        raise _refused("is not one of ours")
    return key


def _fits(part: object, wanted: type | tuple[type, ...]) -> bool:
    return (
        isinstance(part, wanted) and not isinstance(part, bool) and not (isinstance(part, int) and abs(part) >= 2**31)
    )


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _refused(why: str) -> InvalidInput:
    return InvalidInput([Problem("/page_token", why)])
