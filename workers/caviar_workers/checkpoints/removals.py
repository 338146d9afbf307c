"""Checkpoints that the service wants gone: removed by the agent, which has the store's credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from caviar_workers.checkpoints.store import Store, open_store
from caviar_workers.plain_text import plain
from caviar_workers.protocol import Removal, Removed


@dataclass(frozen=True, slots=True)
class CheckpointRemoved:
    """Posted to the agent's inbox."""

    removed: Removed


class Removals:
    """Used from the agent's thread; the removing itself is done in another. An order given twice is carried out once
    at a time, and told of until the service has heard it."""

    def __init__(self, url: str, post: Callable[[CheckpointRemoved], None]) -> None:
        self.url = url
        self._post = post
        self._under_way: set[str] = set()
        self._done: list[Removed] = []
        self._telling = 0
        self._threads = ThreadPoolExecutor(1, "caviar-removals")

    def order(self, removals: Iterable[Removal]) -> None:
        told = {each.id for each in self._done}
        for removal in removals:
            if removal.id not in self._under_way | told:
                self._under_way.add(removal.id)
                self._threads.submit(self._remove, removal)

    def done(self, message: CheckpointRemoved) -> None:
        self._under_way.discard(message.removed.id)
        self._done.append(message.removed)

    def to_tell(self) -> list[dict[str, Any]]:
        """As the wire carries it; `told` drops what was given here last."""
        self._telling = len(self._done)
        return [each.model_dump() for each in self._done]

    def told(self) -> None:
        del self._done[: self._telling]
        self._telling = 0

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _store(self) -> Store:
        return open_store(self.url)

    def _remove(self, removal: Removal) -> None:
        problem = None
        try:
            self._store.remove(removal.uri)
        except Exception as error:  # noqa: BLE001  whatever it is, the service shall hear of it
            problem = plain(f"{type(error).__name__}: {error}"[:500])
        self._post(CheckpointRemoved(Removed(id=removal.id, problem=problem)))
