"""What a seed brings: which faults, how often, and in what kind of world."""

import random
from dataclasses import dataclass, field, replace

from tests.simulation.world import Faults


@dataclass(frozen=True)
class Weather:
    """Chances are per sync unless said otherwise. Each seed leaves most faults out: they would drown the others."""

    faults: Faults = field(default_factory=Faults)
    partition: float = 0.0
    """The agent can't reach the service for a while; its slots go on."""
    freeze: float = 0.0
    """The whole node stops and goes on later, as by SIGSTOP."""
    late_request: float = 0.0
    """A request is given up, and arrives later all the same."""
    doubled: float = 0.0
    """Events are in a request twice."""
    shuffled: float = 0.0
    """Events of different attempts change places."""
    restart: float = 0.0
    """A replica of the service begins anew."""
    store: float = 0.0
    """Per operation of the store: it fails before it happens, or with its answer lost."""
    whim: float = 0.0
    """Per second: somebody pauses, stops, extends, deletes, submits."""


@dataclass(frozen=True)
class Setting:
    """`seconds` of storm, then calm."""

    weather: Weather
    seconds: float
    agents: int
    slots: int
    replicas: int
    studies: int
    trials: int
    steered: bool
    """People pause, resume and nudge single trials, and ask for repeats and audits."""


STEERED_FROM = 10_000
"""The first seed of those who steer: others have the storm to themselves."""


def setting_of(seed: int) -> Setting:
    draw = random.Random(f"setting {seed}")
    weather, steered = _weather(draw), seed >= STEERED_FROM
    return Setting(
        weather=replace(weather, whim=draw.choice((0.3, 0.6, 1.0))) if steered else weather,
        seconds=draw.choice((6.0, 10.0, 16.0)),
        agents=draw.choice((1, 2, 2)),
        slots=draw.choice((1, 2, 4)),
        replicas=draw.choice((1, 2)),
        studies=draw.choice((1, 1, 1, 2)),
        trials=draw.choice((5, 8, 12)),
        steered=steered,
    )


def _weather(draw: random.Random) -> Weather:
    def often(chance: float) -> float:
        return chance * draw.choice((0.3, 1.0, 2.0)) if draw.random() < 0.4 else 0.0

    faults = Faults(
        answer_lost=often(0.15),
        repeated=often(0.15),
        agent_crash=often(0.06),
        slot_death=often(0.06),
        agent_gone=often(0.02),
        trial_death=often(0.15),
    )
    return Weather(
        faults=faults,
        partition=often(0.05),
        freeze=often(0.05),
        late_request=often(0.1),
        doubled=often(0.1),
        shuffled=often(0.3),
        restart=often(0.05),
        store=often(0.01),
        whim=often(0.2),
    )
