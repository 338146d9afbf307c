"""An agent played by hand, sync by sync: for tests of single rules of the wire."""

from tests.simulation.world import START

from caviar.engine.engine import Engine
from caviar_workers.protocol import Assignment, Event, Node, Resources, SyncRequest, SyncResponse

AGENT = "00000000-0000-7000-8000-0000000000aa"


class HandAgent:
    """Numbers its requests, remembers what was answered, and does nothing by itself."""

    def __init__(self, engine: Engine, *, cpus: float = 2, name: str = AGENT, incarnation: str = "1") -> None:
        self.engine = engine
        self.name = name
        self.incarnation = incarnation
        self.node = Node(id="n1", host="node-1", total=Resources(cpus=cpus), free=Resources(cpus=cpus))
        self.number = 0
        self.received = 0
        self.now = START

    def request(
        self, *events: Event, held: tuple[str, ...] = (), wait: float = 0.0, leaving: bool = False
    ) -> SyncRequest:
        self.number += 1
        return SyncRequest(
            incarnation=self.incarnation,
            number=self.number,
            received=self.received,
            nodes=(self.node,),
            held=held,
            events=events,
            wait=wait,
            leaving=leaving,
        )

    def send(self, request: SyncRequest, *, arrives: bool = True) -> SyncResponse:
        """`arrives` false: the answer is lost, and given up."""
        response = self.engine.sync(self.name, request, self.now).response
        if arrives:
            self.received = response.number
        return response

    def sync(self, *events: Event, held: tuple[str, ...] = (), leaving: bool = False) -> SyncResponse:
        return self.send(self.request(*events, held=held, leaving=leaving))

    def sync_only(self, *events: Event, held: tuple[str, ...] = ()) -> SyncResponse:
        """Says it and takes nothing new: its cluster is full meanwhile."""
        full = self.request(*events, held=held).model_copy(update={"nodes": ()})
        return self.send(full)


def attempts_of(assignments: tuple[Assignment, ...]) -> tuple[str, ...]:
    return tuple(assignment.attempt for assignment in assignments)
