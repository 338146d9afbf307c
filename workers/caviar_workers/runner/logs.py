"""A trial's output on its way to the service: in pieces, with a budget, never more in memory than a piece."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PIECE = 60_000
"""Bytes of one piece: with what JSON adds it stays below the wire's 64 KiB of text."""
FREELY = 5_000_000
"""Bytes of one trial that are sent as they come."""
TRICKLE = 128_000
"""Bytes per second after that; what is more is skipped, and said to be."""
LAST_WORDS = 1_000_000
"""Bytes from the end of a trial that are sent in any case."""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    skipped: int
    """Bytes left out before this piece."""


class Allowance:
    """How many bytes of a trial's output may be sent by a given time."""

    def __init__(self, now: float) -> None:
        self._left = float(FREELY)
        self._at = now

    def take(self, wanted: int, now: float, *, last: bool) -> int:
        """How many of `wanted` bytes may go, the newest ones."""
        self._left = min(FREELY, self._left + (now - self._at) * TRICKLE)
        self._at = now
        granted = int(min(wanted, self._left))
        if last:
            granted = max(granted, min(wanted, LAST_WORDS))
        self._left -= min(granted, self._left)
        return granted


class LogFile:
    """The file that a child's stdout and stderr are appended to, read behind it."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._read_upto = 0

    def size(self) -> int:
        return os.fstat(self.descriptor).st_size

    def pieces(self, upto: int, allowance: Allowance, now: float, *, last: bool) -> Iterator[Piece]:
        """What was written up to an offset and not read yet, as far as the allowance goes."""
        size = self.size()
        self._read_upto = min(self._read_upto, size)  # the trial may have cut its own output
        end = max(self._read_upto, min(upto, size))
        granted = allowance.take(end - self._read_upto, now, last=last)
        skipped = end - self._read_upto - granted
        while granted > 0 and (data := os.pread(self.descriptor, min(PIECE, granted), end - granted)):
            data = data if last and len(data) == granted else whole_characters(data)
            granted -= len(data)
            self._read_upto = end - granted
            yield Piece(data.decode("utf-8", "replace"), skipped)
            skipped = 0
            if granted < 4 and not last:  # perhaps the beginning of one character
                break

    def is_read(self) -> bool:
        return self._read_upto >= self.size()

    def truncate(self) -> None:
        """Gives the disk back. Lines written at this very moment may be lost."""
        os.ftruncate(self.descriptor, 0)
        self._read_upto = 0

    def close(self) -> None:
        os.close(self.descriptor)


class LogBuffer:
    """Output of a command, taken from its pipes; of a flood only the newest megabyte stays."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._skipped = 0

    def append(self, data: bytes) -> None:
        self._data += data
        self._skip(len(self._data) - LAST_WORDS)

    def pieces(self, allowance: Allowance, now: float, *, last: bool) -> Iterator[Piece]:
        granted = allowance.take(len(self._data), now, last=last)
        if granted:
            self._skip(len(self._data) - granted)
        while granted > 0:
            data = bytes(self._data[: min(PIECE, granted)])
            data = data if last and len(data) == granted else whole_characters(data)
            del self._data[: len(data)]
            granted -= len(data)
            skipped, self._skipped = self._skipped, 0
            yield Piece(data.decode("utf-8", "replace"), skipped)
            if granted < 4 and not last:
                break

    def _skip(self, count: int) -> None:
        if count > 0:
            del self._data[:count]
            self._skipped += count


def whole_characters(data: bytes) -> bytes:
    """Without the beginning of a UTF-8 character at the end, if it is one."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return data
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-back] or data if back < length else data
    return data
