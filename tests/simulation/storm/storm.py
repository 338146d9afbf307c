"""One seed's story: the world under a weather, then calm, then the end of all there is to do.

The same seed gives the same story to the letter, which `trace` witnesses: a hash of all that was said and answered.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.failing import Outage
from tests.simulation.steered import SteeredWorld
from tests.simulation.storm.people import People
from tests.simulation.storm.steerers import Steerers
from tests.simulation.storm.store import MoodyStore
from tests.simulation.storm.weather import Setting, Weather
from tests.simulation.world import Behaviour, Faults, Running, SimAgent

from caviar.engine.engine import Engine
from caviar.storage import studies
from caviar.storage.database import Database
from caviar_workers.protocol import Assignment, Event, Failed, FailureCode, SyncRequest, SyncResponse

LEASE = 8.0
TICK = 2.0
PATIENCE = 600.0
"""Virtual seconds after the storm within which all must be at its end."""


@dataclass
class Line:
    """How an agent stands with the world."""

    called_at: float
    """When its slots last heard from an agent."""
    cut_until: float = 0.0
    frozen_until: float = 0.0
    down_until: float = 0.0
    disturbed: bool = False
    """It was frozen or cut off: what it ran may have run elsewhere too."""


class Storm(SteeredWorld):
    busy_every, idle_every = 0.4, 2.5

    def __init__(self, database: Database, seed: int, setting: Setting) -> None:
        self.seed, self.setting = seed, setting
        self.weather = setting.weather
        self.lines: dict[str, Line] = {}
        self.store = MoodyStore(seed, self.weather.store)
        self.people = (Steerers if setting.steered else People)(seed, setting.trials)
        self._database = database
        self._hash = hashlib.blake2b(digest_size=16)
        self._engines = 0
        self._looked_at = 0.0
        self.replicas = [self._new_engine() for _ in range(setting.replicas)]
        behaviour = Behaviour(seconds=_seconds, reports=3, saves=seed % 2 == 0)
        super().__init__(
            self.replicas[0], seed, agents=setting.agents, slots=setting.slots, faults=self.weather.faults,
            behaviour=behaviour,
        )  # fmt: skip

    @property
    def trace(self) -> str:
        return self._hash.hexdigest()

    def play(self) -> None:
        """The whole story; raises AssertionError when it does not come to its end."""
        for _ in range(self.setting.studies):
            self.people.submit(self.engine, self.now)
        if self.weather.whim:
            self.at(1.0, self._whim)
        with self.store.installed(self._database):
            self.run(until=lambda end=self.now + self.setting.seconds: self.now >= end)
        self._calm_down()
        self._encourage()
        self.run(until=self._is_over, seconds=PATIENCE)
        end = self._all_reachable_at() + 1.5 * LEASE
        self.run(until=lambda: self.now >= end)

    def said(self, *words: object) -> None:
        self._hash.update(f"{self.now:.6f} {' '.join(map(str, words))}\n".encode())

    # ---- the calm

    def _calm_down(self) -> None:
        self.weather, self.faults = Weather(), Faults()
        self.store.calm()
        self.engine = self.replicas[0]
        self.people.resume_all(self.engine, self.now)

    def _encourage(self) -> None:
        """Pauses that were under way when the calm came end as well."""
        if isinstance(self.people, Steerers):
            self.people.resume_all(self.engine, self.now)
            self.at(5.0, self._encourage)

    def _all_reachable_at(self) -> float:
        """When the last outage is over that had begun before the calm."""
        lines = [self._line(agent) for agent in self.agents if not agent.gone]
        return max([self.now, *(max(line.cut_until, line.frozen_until, line.down_until) for line in lines)])

    def _is_over(self) -> bool:
        if self.now < self._looked_at + 1.0:
            return False
        self._looked_at = self.now
        with self._database.read() as snapshot:
            return not studies.unfinished_ids(snapshot) and not studies.deleted_ids(snapshot)

    # ---- the service

    def _new_engine(self) -> Engine:
        self._engines += 1
        return Engine(self._database, lease_seconds=LEASE, seed=self.seed * 1_000 + self._engines)

    def _some_replica(self) -> None:
        index = self.random.randrange(len(self.replicas))
        if self.random.random() < self.weather.restart:
            self.replicas[index] = self._new_engine()
            self.said("restart", index)
        self.engine = self.replicas[index]

    def _tick(self) -> None:
        for replica in self.replicas:
            try:
                self.said("tick", replica.tick(self.now))
            except Outage:
                self.said("tick failed")
        self.at(TICK, self._tick)

    def _plan(self) -> None:
        if self.people.made_thinkers:
            super()._plan()

    def _whim(self) -> None:
        if self.random.random() < self.weather.whim:
            self._some_replica()
            self.said(self.people.act(self.engine, self.now))
        if self.weather.whim:
            self.at(1.0, self._whim)

    # ---- the wire

    def _sync(self, agent: SimAgent) -> None:
        line = self._line(agent)
        away = max(line.frozen_until, line.down_until)
        if away > self.now:
            self.at(away - self.now, lambda: self._sync(agent))
            return
        self._some_replica()
        self._called(agent, line)
        super()._sync(agent)

    def _request(self, agent: SimAgent) -> SyncRequest:
        if self.random.random() < self.weather.shuffled:
            agent.outbox = _shuffled(agent.outbox, self.random)
        return super()._request(agent)

    def _deliver(self, agent: SimAgent, request: SyncRequest) -> SyncResponse | None:
        if self._line(agent).cut_until > self.now:
            return None
        sent = request
        if self.random.random() < self.weather.doubled:
            sent = request.model_copy(update={"events": tuple(each for each in request.events for _ in (1, 2))})
        if self.random.random() < self.weather.late_request:
            self.at(self.random.uniform(0.0, 15.0), lambda: self._arrives_late(agent, sent))
            return None
        self.said(agent.name, sent.number, *sorted(sent.held), *map(_short, sent.events))
        try:
            response = super()._deliver(agent, sent)
        except Outage:  # of the same request once more
            response = None
        if response is not None:
            given = [(each.attempt, each.number, sorted(each.params.items())) for each in response.assignments]
            self.said("->", given, sorted((each.attempt, each.action) for each in response.commands))
        return response

    def _arrives_late(self, agent: SimAgent, request: SyncRequest) -> None:
        try:
            response = self.engine.sync(agent.name, request, self.now).response
            self.said("late", agent.name, request.number, response.superseded)
        except Outage:
            self.said("late and failed")

    # ---- the nodes

    def _line(self, agent: SimAgent) -> Line:
        return self.lines.setdefault(agent.name, Line(self.now))

    def _called(self, agent: SimAgent, line: Line) -> None:
        """The agent calls its slots, unless they gave up before it came."""
        if self.now - line.called_at > LEASE:
            self._abandon(agent)
        line.called_at = self.now

    def _misfortune(self, agent: SimAgent) -> None:
        line, weather = self._line(agent), self.weather
        before = agent.incarnation
        super()._misfortune(agent)
        if agent.gone or (agent.incarnation != before and self.random.random() < 0.5):
            line.down_until = self.now + (float("inf") if agent.gone else self.random.uniform(0.0, 1.5 * LEASE))
            self.at(LEASE, lambda: self._abandon_if_silent(agent))
        if self.random.random() < weather.partition:
            line.cut_until, line.disturbed = self.now + self.random.uniform(1.0, 2 * LEASE), True
        if self.random.random() < weather.freeze:
            line.frozen_until, line.disturbed = self.now + self.random.uniform(1.0, 2 * LEASE), True

    def _abandon_if_silent(self, agent: SimAgent) -> None:
        if self.now - self._line(agent).called_at >= LEASE:
            self._abandon(agent)

    def _abandon(self, agent: SimAgent) -> None:
        """The slots have heard from nobody for the time of the lease: they end what they run."""
        for attempt, running in list(agent.busy.items()):
            del agent.busy[attempt]
            why = {"code": FailureCode.SLOT_LOST, "message": "not heard from its agent", "infrastructure": True}
            agent.outbox.append(Failed(attempt=attempt, seq=running.next_seq(), at=self.now, **why))  # type: ignore[arg-type]
        agent.queue.clear()

    # ---- training: a frozen node's goes on when it thaws

    def _train(self, agent: SimAgent, running: Running) -> None:
        for other in self.agents:
            twins = [each for each in other.busy.values() if each.assignment.trial == running.assignment.trial]
            for twin in twins:
                if twin is not running:
                    self.at(2 * LEASE, lambda other=other, twin=twin: self._expect_gone(other, twin))
        super()._train(agent, running)

    def _expect_gone(self, agent: SimAgent, running: Running) -> None:
        """Two executions of a trial do not go on side by side for long, unless nobody could tell the older one."""
        goes_on = agent.busy.get(running.assignment.attempt) is running
        assert self._line(agent).disturbed or not goes_on, "I6: an execution nobody counts went on"

    def _report(self, agent: SimAgent, running: Running, step: int) -> None:
        if not self._thaws(agent, lambda: self._report(agent, running, step)):
            super()._report(agent, running, step)

    def _end(self, agent: SimAgent, running: Running, seconds: float | None, *, dies: bool = False) -> None:
        if not self._thaws(agent, lambda: self._end(agent, running, seconds, dies=dies)):
            super()._end(agent, running, seconds, dies=dies)

    def _thaws(self, agent: SimAgent, later: Callable[[], None]) -> bool:
        line = self._line(agent)
        if line.frozen_until > self.now:
            self.at(line.frozen_until - self.now, later)
            return True
        return False


def _seconds(assignment: Assignment) -> float:
    """Most trials are short beside the lease, every seventh is longer than it."""
    return 1.5 * LEASE if assignment.number % 7 == 6 else 1.0 + (assignment.number % 7) * 0.4


def _shuffled(events: list[Event], draw: random.Random) -> list[Event]:
    """The attempts' events change places, each attempt's own stay in order."""
    owners = [event.attempt for event in events]
    draw.shuffle(owners)
    queues: dict[str, list[Event]] = {}
    for event in events:
        queues.setdefault(event.attempt, []).append(event)
    return [queues[owner].pop(0) for owner in owners]


def _short(event: Event) -> str:
    return f"{event.kind}/{event.attempt}/{event.seq}"
