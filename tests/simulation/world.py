"""A world in one thread: a seeded heap of events, an engine, and agents whose slots train nothing.

Time is virtual. What can go wrong is drawn from the seed: an answer is lost, a request comes twice, an agent crashes
and its successor finds the slots, a slot dies, an agent is gone for good. The same seed gives the same story.
"""

import heapq
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.simulation.failing import Outage

from caviar.engine.engine import Engine
from caviar_workers.protocol import (
    Assignment,
    Checkpoint,
    Event,
    Failed,
    FailureCode,
    Finished,
    Node,
    Removed,
    Report,
    Resources,
    Returned,
    Started,
    Stopped,
    SyncRequest,
    SyncResponse,
)

START = 1_800_000_000.0
STORE = "memory://checkpoints"


@dataclass(frozen=True)
class Faults:
    """Chances, per sync unless said otherwise."""

    answer_lost: float = 0.0
    repeated: float = 0.0
    agent_crash: float = 0.0
    slot_death: float = 0.0
    agent_gone: float = 0.0
    trial_death: float = 0.0
    """Per attempt."""


@dataclass
class Running:
    """An attempt in a slot."""

    assignment: Assignment
    seq: int = 0
    stopped: bool = False
    done: int = 0
    """Steps that the checkpoint it goes on from has behind it."""

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq


@dataclass
class Behaviour:
    """What training does, as functions of the configuration and the trial's number."""

    seconds: Callable[[Assignment], float] = lambda assignment: 1.0 + (assignment.number % 7) * 0.3
    reports: int = 3
    value: Callable[[Assignment, int], float] = lambda assignment, step: (assignment.number * 37 % 101) / step
    metric: str = "loss"
    saves: bool = False
    """A checkpoint after each report."""


@dataclass
class SimAgent:
    """An agent and the slots that outlive its process."""

    name: str
    slots: int
    incarnation: int = 0
    number: int = 0
    received: int = 0
    busy: dict[str, Running] = field(default_factory=dict)
    queue: list[Assignment] = field(default_factory=list)
    outbox: list[Event] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    gone: bool = False

    def held(self) -> tuple[str, ...]:
        return (*self.busy, *(assignment.attempt for assignment in self.queue))


class World:
    """Runs studies on an engine until nothing is left to do, or until `deadline` of virtual time."""

    busy_every, idle_every = 0.2, 1.0
    """Seconds from one sync of an agent to the next, with and without something to say."""

    def __init__(
        self,
        engine: Engine,
        seed: int = 0,
        *,
        agents: int = 1,
        slots: int = 2,
        faults: Faults | None = None,
        behaviour: Behaviour | None = None,
        incarnation: int = 0,
        start: float = START,
    ) -> None:
        self.engine = engine
        self.random = random.Random(seed)
        self.faults = faults or Faults()
        self.behaviour = behaviour or Behaviour()
        self.now = start
        self.incarnation = incarnation
        self.heap: list[tuple[float, int, Callable[[], None]]] = []
        self.count = 0
        self.agents: list[SimAgent] = []
        self.acknowledged: dict[tuple[str, int], Event] = {}
        self.starts: dict[str, int] = {}
        for index in range(agents):
            self.add_agent(slots, f"00000000-0000-7000-8000-{index:012d}")
        self.at(1.0, self._tick)

    # ---- the clock

    def at(self, delay: float, action: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.heap, (self.now + delay, self.count, action))

    def run(self, *, until: Callable[[], bool], seconds: float = 100_000.0) -> None:
        """Runs until the condition holds; fails when it does not within `seconds` of virtual time."""
        end = self.now + seconds
        while not until():
            if not self.heap or self.heap[0][0] > end:
                raise AssertionError(f"not reached after {self.now - START:.0f} virtual seconds")
            self.now, _, action = heapq.heappop(self.heap)
            action()

    # ---- agents

    def add_agent(self, slots: int, name: str) -> SimAgent:
        agent = SimAgent(name, slots, self.incarnation)
        self.agents.append(agent)
        self.at(0.0, lambda: self._sync(agent))
        return agent

    def _tick(self) -> None:
        with suppress(Outage):
            self.engine.tick(self.now)
        self.at(1.0, self._tick)

    def _sync(self, agent: SimAgent) -> None:
        if agent.gone:
            return
        self._misfortune(agent)
        if agent.gone:
            return
        request = self._request(agent)
        response = self._deliver(agent, request)
        if response is not None:
            self._obey(agent, request, response)
        self._plan()
        self.at(self.busy_every if agent.outbox or agent.queue else self.idle_every, lambda: self._sync(agent))

    def _request(self, agent: SimAgent) -> SyncRequest:
        agent.number += 1
        node = Node(id=agent.name, host=agent.name, total=Resources(cpus=agent.slots), free=Resources(cpus=agent.slots))
        return SyncRequest(
            incarnation=f"{agent.incarnation:09d}",
            number=agent.number,
            received=agent.received,
            nodes=(node,),
            held=agent.held(),
            events=tuple(agent.outbox),
            wait=0.0 if agent.outbox else 1.0,
            store=STORE if self.behaviour.saves else "",
            removed=tuple(agent.removed),
        )

    def _deliver(self, agent: SimAgent, request: SyncRequest) -> SyncResponse | None:
        try:
            response = self.engine.sync(agent.name, request, self.now).response
        except Outage:
            return None
        if self.random.random() < self.faults.repeated:
            again = self.engine.sync(agent.name, request, self.now).response
            assert again.superseded
        if self.random.random() < self.faults.answer_lost:
            return None
        return response

    def _obey(self, agent: SimAgent, request: SyncRequest, response: SyncResponse) -> None:
        agent.received = response.number
        for event in request.events:
            self.acknowledged.setdefault((event.attempt, event.seq), event)
        agent.outbox = agent.outbox[len(request.events) :]
        agent.removed = [Removed(id=removal.id) for removal in response.removals]
        for command in response.commands:
            self._command(agent, command.attempt, command.action)
        agent.queue += response.assignments
        self._fill(agent)

    def _command(self, agent: SimAgent, attempt: str, action: str) -> None:
        waiting = next((each for each in agent.queue if each.attempt == attempt), None)
        if waiting is not None:
            agent.queue.remove(waiting)
            if action != "forget":
                agent.outbox.append(Returned(attempt=attempt, seq=1, at=self.now))
        elif action == "forget":
            agent.busy.pop(attempt, None)
        elif action in ("stop", "pause") and attempt in agent.busy and not agent.busy[attempt].stopped:
            agent.busy[attempt].stopped = True
            running = agent.busy[attempt]
            self.at(0.5, lambda: self._end(agent, running, None))

    def _fill(self, agent: SimAgent) -> None:
        while agent.queue and len(agent.busy) < agent.slots:
            assignment = agent.queue.pop(0)
            done = int(assignment.checkpoints[0].step) if assignment.checkpoints else 0
            running = Running(assignment, done=done)
            agent.busy[assignment.attempt] = running
            self.starts[assignment.attempt] = self.starts.get(assignment.attempt, 0) + 1
            agent.outbox.append(
                Started(attempt=assignment.attempt, seq=running.next_seq(), at=self.now, node=agent.name)
            )
            self._train(agent, running)

    def _train(self, agent: SimAgent, running: Running) -> None:
        steps = self.behaviour.reports
        each = self.behaviour.seconds(running.assignment) / (steps + 1)
        for step in range(running.done + 1, steps + 1):
            self.at(each * (step - running.done), lambda step=step: self._report(agent, running, step))
        seconds = each * (steps + 1 - running.done)
        dies = self.random.random() < self.faults.trial_death
        self.at(seconds, lambda: self._end(agent, running, seconds, dies=dies))

    def _report(self, agent: SimAgent, running: Running, step: int) -> None:
        if agent.busy.get(running.assignment.attempt) is running and not running.stopped:
            value = self.behaviour.value(running.assignment, step)
            agent.outbox.append(
                Report(
                    attempt=running.assignment.attempt,
                    seq=running.next_seq(),
                    at=self.now,
                    step=step,
                    metrics={self.behaviour.metric: value},
                )
            )
            if self.behaviour.saves:
                agent.outbox.append(_saved(running, step, self.now))

    def _end(self, agent: SimAgent, running: Running, seconds: float | None, *, dies: bool = False) -> None:
        attempt = running.assignment.attempt
        if agent.busy.get(attempt) is not running:
            return
        del agent.busy[attempt]
        seq = running.next_seq()
        if running.stopped or seconds is None:
            agent.outbox.append(Stopped(attempt=attempt, seq=seq, at=self.now, seconds=1.0))
        elif dies:
            died = Failed(attempt=attempt, seq=seq, at=self.now, code=FailureCode.SIGNAL, message="SIGKILL")
            agent.outbox.append(died)
        else:
            value = self.behaviour.value(running.assignment, self.behaviour.reports + 1)
            final = {self.behaviour.metric: value}
            agent.outbox.append(Finished(attempt=attempt, seq=seq, at=self.now, metrics=final, seconds=seconds))
        self._fill(agent)

    # ---- what goes wrong

    def _misfortune(self, agent: SimAgent) -> None:
        if self.random.random() < self.faults.agent_crash:
            agent.incarnation += 1
            agent.number = agent.received = 0
            agent.queue = []
        if agent.busy and self.random.random() < self.faults.slot_death:
            attempt, running = next(iter(agent.busy.items()))
            del agent.busy[attempt]
            agent.outbox.append(
                Failed(
                    attempt=attempt,
                    seq=running.next_seq(),
                    at=self.now,
                    code=FailureCode.SLOT_LOST,
                    message="The slot died.",
                    infrastructure=True,
                )
            )
        if self.random.random() < self.faults.agent_gone:
            agent.gone = True
            self.add_agent(agent.slots, f"00000000-0000-7000-8000-{len(self.agents):012d}")

    def _plan(self) -> None:
        """The planner of a real service, run at once."""
        from caviar.storage import studies

        with self.engine.database.read() as snapshot:
            ids = studies.unfinished_ids(snapshot)
        with suppress(Outage):
            for study_id in ids:
                while self.engine.plan(study_id, self.now):
                    pass


def _saved(running: Running, step: int, at: float) -> Checkpoint:
    seq = running.next_seq()
    uri = f"{STORE}/{running.assignment.trial}/{step}-{running.assignment.attempt}-{seq}"
    return Checkpoint(
        attempt=running.assignment.attempt, seq=seq, at=at, step=step, uri=uri, size=1_000, digest="0" * 64
    )
