"""A slot as a Ray actor: a thin wrapper. Only bytes and numbers cross, nothing of a user's is ever unpickled."""

from __future__ import annotations

import os

import orjson
import ray

from caviar_workers.attempts import SlotSettings
from caviar_workers.cluster import unpacked
from caviar_workers.folders import node_folder
from caviar_workers.protocol import Resources
from caviar_workers.shapes import Shape
from caviar_workers.slot import Slot

THREADS = 8


class RaySlot:
    """Detached: it outlives its agent. When none comes for twice the lease time it ends itself."""

    def __init__(self, name: str, resources: bytes, lease_seconds: float, checkpoints: str = "") -> None:
        context = ray.get_runtime_context()
        shape = Shape.of(Resources.model_validate_json(resources))
        gpus = tuple(context.get_accelerator_ids().get("GPU", ())) if shape.gpus else ()
        self._resources = resources
        self._node = str(context.get_node_id())
        self._root = node_folder()
        settings = SlotSettings(
            name, shape.cpus, gpus, self._node, self._root, self._root / "bundles", lease_seconds, checkpoints
        )
        self._slot = Slot(settings, abandoned=self._leave)

    def hello(self) -> bytes:
        held = orjson.loads(self._slot.held())
        return orjson.dumps({"node": self._node, "resources": orjson.loads(self._resources), "held": held})

    def submit(self, batch: bytes) -> None:
        self._slot.submit(batch)

    def provide(self, digest: str, bundle: bytes) -> None:
        self._slot.provide(digest, unpacked(digest, bundle, self._root / "bundles"))

    def collect(self, ack: int, wait: float) -> bytes:
        return self._slot.collect(ack, wait)

    def take_back(self) -> bytes:
        return self._slot.take_back()

    def command(self, order: bytes) -> None:
        self._slot.command(order)

    def touch(self) -> None:
        self._slot.touch()

    @staticmethod
    def _leave() -> None:
        os._exit(0)
