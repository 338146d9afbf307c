"""A study's event stream, taken up again where it broke off."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx2

from caviar.client.errors import NoConnection
from caviar.client.models import Change
from caviar.client.transport import Request, Transport

SILENCE_SECONDS: Final = 60.0
"""A stream that brings nothing for this long, not even a ping, is broken."""
RECONNECTS: Final = 8
"""Tries in a row without an event between them."""


def changes(
    transport: Transport, path: str, after: str | None = None, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Change]:
    """Endless unless the service ends it; reconnects by itself and raises NoConnection when that fails for long."""
    last, failures = after, 0
    while True:
        try:
            for change in _once(transport, path, last):
                last, failures = change.id or last, 0
                yield change
        except NoConnection:
            failures += 1
            if failures > RECONNECTS:
                raise
            sleep(min(5.0, 0.25 * 2.0**failures))
        else:
            return


def _once(transport: Transport, path: str, after: str | None) -> Iterator[Change]:
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
    with transport.stream(Request("GET", path, headers=headers, timeout=SILENCE_SECONDS)) as answer:
        for event in httpx2.EventSource(answer):
            yield Change(id=event.id, kind=event.event, data=_data(event.data))


def _data(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
