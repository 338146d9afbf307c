"""Lists of the service, page by page."""

from collections.abc import Iterator
from typing import Any

from caviar.client.transport import Params, Transport


def items_of(answer: Any) -> list[dict[str, Any]]:
    """The entries of a list's answer."""
    return list(answer["items"])


def iterate(transport: Transport, path: str, params: Params, page_size: int) -> Iterator[dict[str, Any]]:
    """All entries; one page is in memory at a time."""
    token: str | None = None
    while True:
        answer = transport.get(path, {**params, "page_size": page_size, "page_token": token})
        yield from items_of(answer)
        token = answer.get("next_page_token")
        if not token:
            return
