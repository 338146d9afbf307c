"""What one slot takes of a cluster, as a value: slots of equal shape are interchangeable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from caviar_workers.protocol import Resources

Amounts = dict[str, float]
"""Resource name to amount: cpus, gpus, memory_mb, and `custom:NAME`."""

EPSILON = 1e-6
CUSTOM = "custom:"


@dataclass(frozen=True, slots=True)
class Shape:
    cpus: float = 1.0
    gpus: float = 0.0
    memory_mb: float = 0.0
    custom: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, resources: Resources) -> Shape:
        custom = tuple(sorted((name, amount) for name, amount in resources.custom.items() if amount > 0))
        return cls(resources.cpus, resources.gpus, resources.memory_mb, custom)

    def resources(self) -> Resources:
        return Resources(cpus=self.cpus, gpus=self.gpus, memory_mb=self.memory_mb, custom=dict(self.custom))

    def amounts(self) -> Amounts:
        return amounts(self.resources())


def amounts(resources: Resources) -> Amounts:
    named = {"cpus": resources.cpus, "gpus": resources.gpus, "memory_mb": resources.memory_mb}
    custom = {CUSTOM + name: amount for name, amount in resources.custom.items()}
    return {name: amount for name, amount in {**named, **custom}.items() if amount > 0}


def as_resources(named: Mapping[str, float]) -> Resources:
    custom = {name.removeprefix(CUSTOM): amount for name, amount in named.items() if name.startswith(CUSTOM)}
    return Resources(
        cpus=named.get("cpus", 0.0), gpus=named.get("gpus", 0.0), memory_mb=named.get("memory_mb", 0.0), custom=custom
    )


def fits(free: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return all(free.get(name, 0.0) >= amount - EPSILON for name, amount in wanted.items())


def without(free: Mapping[str, float], taken: Iterable[Mapping[str, float]]) -> Amounts:
    """What is left, never below zero."""
    left = dict(free)
    for amounts_taken in taken:
        for name, amount in amounts_taken.items():
            left[name] = max(0.0, left.get(name, 0.0) - amount)
    return left
