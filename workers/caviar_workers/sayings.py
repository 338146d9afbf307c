"""Events that the agent says itself, of attempts whose slot cannot."""

from __future__ import annotations

import orjson

from caviar_workers.plain_text import plain
from caviar_workers.protocol import FailureCode

LAST_SEQ = 1_000_000_000
"""Above whatever the slot has counted to: its last events may be lost with it."""


def lost(attempt: str, at: float, reason: str) -> bytes:
    return failed(attempt, at, FailureCode.SLOT_LOST, reason)


def failed(attempt: str, at: float, code: FailureCode, reason: str) -> bytes:
    """A failure that the user's code is not to blame for."""
    event = {
        "kind": "failed",
        "attempt": attempt,
        "seq": LAST_SEQ,
        "at": at,
        "code": code,
        "message": plain(reason[:2000]),
    }
    return orjson.dumps({**event, "infrastructure": True})


def returned(attempt: str, at: float) -> bytes:
    return orjson.dumps({"kind": "returned", "attempt": attempt, "seq": LAST_SEQ, "at": at})


def stopped(attempt: str, at: float) -> bytes:
    return orjson.dumps({"kind": "stopped", "attempt": attempt, "seq": LAST_SEQ, "at": at})
