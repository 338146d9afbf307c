"""The cluster on Ray: slots are detached actors, named in a namespace of the agent's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import orjson
import ray
from ray.exceptions import ActorUnavailableError, RayActorError, RayError

from caviar_workers.cluster import (
    ClusterGoneError,
    Collected,
    Lost,
    Message,
    PlacementError,
    Post,
    Ready,
    SlotHandle,
    TakenBack,
    Unavailable,
)
from caviar_workers.protocol import Node, Resources
from caviar_workers.ray_slot import THREADS, RaySlot
from caviar_workers.shapes import Shape
from caviar_workers.spool import Chunk

MIB = 1 << 20
SLOT_PREFIX = "slot-"
_NOT_CUSTOM = ("CPU", "GPU", "memory", "object_store_memory")


class RaySlotHandle:
    def __init__(self, name: str, actor: Any, post: Post) -> None:
        self.name = name
        self._actor, self._post = actor, post
        self._killed = False

    def hello(self) -> None:
        self._ask(self._actor.hello.remote(), self._ready)

    def submit(self, batch: bytes) -> None:
        self._actor.submit.remote(batch)

    def provide(self, digest: str, bundle: object) -> None:
        self._actor.provide.remote(digest, bundle)

    def collect(self, ack: int, wait: float) -> None:
        self._ask(self._actor.collect.remote(ack, wait), lambda data: Collected(self.name, Chunk.from_bytes(data)))

    def take_back(self) -> None:
        self._ask(self._actor.take_back.remote(), lambda data: TakenBack(self.name, tuple(orjson.loads(data))))

    def command(self, order: bytes) -> None:
        self._actor.command.remote(order)

    def touch(self) -> None:
        self._actor.touch.remote()

    def kill(self) -> None:
        self._killed = True
        ray.kill(self._actor, no_restart=True)

    def _ready(self, data: bytes) -> Ready:
        answer = orjson.loads(data)
        shape = Shape.of(Resources.model_validate(answer["resources"]))
        return Ready(self.name, shape, answer["node"], tuple(answer["held"]))

    def _ask(self, reference: Any, answer: Callable[[bytes], Message]) -> None:
        def answered(future: Future[bytes]) -> None:
            if not self._killed:
                self._post(_became_of(self.name, future, answer))

        reference.future().add_done_callback(answered)


class RayCluster:
    """Needs a connection to Ray (see `ray_runtime.connect`). `post` is called from Ray's own threads."""

    def __init__(self, post: Post, namespace: str, checkpoints: str = "", lease_seconds: float = 60.0) -> None:
        self._post, self._namespace, self._lease = post, namespace, lease_seconds
        self._checkpoints = checkpoints
        self._actor_class = ray.remote(RaySlot)

    def nodes(self) -> Sequence[Node]:
        try:
            from ray._private.state import available_resources_per_node  # noqa: PLC0415

            free = available_resources_per_node()
            return tuple(_as_node(node, free.get(node["NodeID"], {})) for node in ray.nodes() if node["Alive"])
        except (RayError, ConnectionError, RuntimeError) as error:
            raise ClusterGoneError(str(error)) from error

    def create(self, name: str, shape: Shape) -> SlotHandle:
        full = SLOT_PREFIX + name
        options: dict[str, Any] = {
            "name": full,
            "namespace": self._namespace,
            "lifetime": "detached",
            "max_concurrency": THREADS,
            "max_restarts": 0,
            "max_task_retries": 0,
            "num_cpus": shape.cpus,
            "num_gpus": shape.gpus,
            "resources": dict(shape.custom),
        }
        if shape.memory_mb:
            options["memory"] = int(shape.memory_mb * MIB)
        try:
            resources = orjson.dumps(shape.resources().model_dump())
            actor = self._actor_class.options(**options).remote(full, resources, self._lease, self._checkpoints)
        except ValueError as error:
            raise PlacementError(str(error)) from error
        return RaySlotHandle(full, actor, self._post)

    def existing(self) -> Sequence[SlotHandle]:
        names = [name for name in ray.util.list_named_actors() if name.startswith(SLOT_PREFIX)]
        return [handle for name in names if (handle := self._found(name))]

    def store(self, bundle: bytes) -> object:
        return ray.put(bundle)

    def _found(self, name: str) -> SlotHandle | None:
        try:
            return RaySlotHandle(name, ray.get_actor(name, namespace=self._namespace), self._post)
        except ValueError:  # it has just ended
            return None


def _became_of(name: str, future: Future[bytes], answer: Callable[[bytes], Message]) -> Message:
    """ActorUnavailable is no verdict; that the actor has died is. What its own code raised is neither."""
    error = future.exception()
    if error is None:
        return answer(future.result())
    if isinstance(error, RayActorError) and not isinstance(error, ActorUnavailableError):
        return Lost(name, _in_short(error))
    return Unavailable(name, _in_short(error))


def _in_short(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines)[:500] or type(error).__name__


def _as_node(node: dict[str, Any], free: dict[str, float]) -> Node:
    return Node(
        id=node["NodeID"],
        host=node.get("NodeManagerHostname") or node.get("NodeManagerAddress") or "",
        total=_as_resources(node["Resources"]),
        free=_as_resources(free),
    )


def _as_resources(named: dict[str, float]) -> Resources:
    custom = {
        name: amount
        for name, amount in named.items()
        if name not in _NOT_CUSTOM and not name.startswith(("node:", "accelerator_type:"))
    }
    return Resources(
        cpus=named.get("CPU", 0.0), gpus=named.get("GPU", 0.0), memory_mb=named.get("memory", 0.0) / MIB, custom=custom
    )
