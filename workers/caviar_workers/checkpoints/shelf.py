"""A trial's own place in the store: what it saves there, and what it goes on from. Standard library only."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from caviar_workers.checkpoints.manifest import Kept, Reference, UnusableCheckpoint
from caviar_workers.checkpoints.store import open_store


class Teller(Protocol):
    def saved(self, step: float, kept: Kept, at: float) -> None:
        """Says that a checkpoint is stored."""


class Shelf:
    """Restores once: what it has found, or found missing, stays so for the attempt."""

    def __init__(self, url: str, trial: str, teller: Teller, found: Sequence[Reference], folder: Path) -> None:
        self._url, self._trial, self._teller = url, trial, teller
        self._found, self._folder = found, folder

    @classmethod
    def of(cls, document: dict[str, Any], trial: str, teller: Teller, folder: Path) -> Shelf | None:
        """From what the slot hands over: `store`, and `checkpoints` as [uri, step, digest], the newest first."""
        if not document.get("store"):
            return None
        found = [Reference(uri, step, digest) for uri, step, digest in document.get("checkpoints") or ()]
        return cls(document["store"], trial, teller, found, folder)

    def save(self, path: Path, step: float) -> None:
        """Raises OSError when it could not be stored; then nothing is said of it."""
        place = f"{self._trial}/{step:g}-{secrets.token_hex(4)}"
        self._teller.saved(step, open_store(self._url).put(path, place, step), time.time())

    def restore(self) -> tuple[Path, float] | None:
        """The newest checkpoint that is whole, copied to this trial's folder, and its step."""
        for index, reference in enumerate(self._found):
            into = self._folder / f"restored-{index}"
            try:
                return open_store(reference.uri).fetch(reference, into), reference.step
            except UnusableCheckpoint as unusable:
                sys.stderr.write(f"caviar: the checkpoint of step {reference.step:g} is of no use: {unusable}\n")
        return None
