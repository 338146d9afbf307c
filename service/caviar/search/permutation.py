"""A shuffle of 0 … n-1 that is computed point by point and never held, for any n."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from math import isqrt

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Permutation:
    """A Feistel network over pairs below the square root of n, walked until it lands inside (Black & Rogaway 2002)."""

    size: int
    seed: int
    side: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", isqrt(max(0, self.size - 1)) + 1)

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self.size:
            raise IndexError(index)
        index = self._once(index)
        while index >= self.size:
            index = self._once(index)
        return index

    def _once(self, index: int) -> int:
        left, right = divmod(index, self.side)
        for turn in range(_ROUNDS):
            left, right = right, (left + self._noise(turn, right)) % self.side
        return left * self.side + right

    def _noise(self, turn: int, value: int) -> int:
        digest = blake2b(f"{self.seed}/{turn}/{value}".encode(), digest_size=16).digest()
        return int.from_bytes(digest, "little")
