"""Identifiers: UUIDv7 as text with dashes, ordered by the millisecond they were made in."""

import re
from typing import Final, NewType

StudyId = NewType("StudyId", str)
TrialId = NewType("TrialId", str)
AttemptId = NewType("AttemptId", str)
AgentId = NewType("AgentId", str)

RANDOM_BITS: Final = 74
"""How many random bits `uuid7` takes."""

_TIME_BITS: Final = 48
_LOW_BITS: Final = 62
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def uuid7(milliseconds: int, random: int) -> str:
    """RFC 9562, 5.7. `milliseconds` since the epoch, `random` in [0, 2**RANDOM_BITS).

    Ids of one millisecond sort by `random`: a caller that makes many at once and wants them in order adds a counter.
    """
    if not 0 <= milliseconds < 1 << _TIME_BITS:
        raise ValueError(f"milliseconds must fit {_TIME_BITS} bits")
    if not 0 <= random < 1 << RANDOM_BITS:
        raise ValueError(f"random must fit {RANDOM_BITS} bits")
    high = random >> _LOW_BITS
    low = random & ((1 << _LOW_BITS) - 1) | 1 << 63
    time = f"{milliseconds:012x}"
    tail = f"{low:016x}"
    return f"{time[:8]}-{time[8:]}-7{high:03x}-{tail[:4]}-{tail[4:]}"


def is_uuid(text: str) -> bool:
    """Tells an id from a name: names begin with a letter, and an id begins with a digit for some thousand years."""
    return _UUID.fullmatch(text) is not None
