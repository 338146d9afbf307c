"""Refits the model now and then; its scales travel in the rounds, so a restart does not lose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.coding import Coding
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.kernel import Scales
from caviar.search.coarse_to_fine.likelihood import fit
from caviar.search.coarse_to_fine.region import Region
from caviar.search.coarse_to_fine.rounds import LEARN, ROOT
from caviar.search.coarse_to_fine.targets import Sampler, standardised, targets
from caviar.search.coarse_to_fine.words import starting_bounds
from caviar.search.searcher import Round

_ROWS = 130
_GROWTH, _AT_LEAST = 1.1, 4
_FLAT = 2.5
"""Beyond this length-scale, in ranges of the parameter, the loss hardly changes along it."""


def scales_in(rounds: Sequence[Round]) -> Mapping[str, float]:
    """The newest scales that were stored; empty before the first fit."""
    return next((record.model for record in reversed(rounds) if record.model is not None), {})


def with_model(
    space: Space, seed: int, rounds: Sequence[Round], opened: Sequence[Round], evidence: Evidence, first: int
) -> list[Round]:
    """`opened` with new scales in its first round, or in one of their own, when a refit is due; else `opened`."""
    last = next((record.finished for record in reversed(rounds) if record.model is not None), 0)
    if len(evidence) < max(last + _AT_LEAST, _GROWTH * last):
        return list(opened)
    model = _fitted(space, seed, rounds, evidence)
    if opened:
        return [replace(opened[0], model=model), *opened[1:]]
    return [_learned(space, len(rounds), model, evidence, first)]


def _fitted(space: Space, seed: int, rounds: Sequence[Round], evidence: Evidence) -> dict[str, float]:
    coding = Coding(space, learning=bool((evidence.fidelity < 1).any()))
    rows = Sampler(seed + 1).rows(evidence, evidence.losses, _ROWS)
    features = coding.features(evidence.units[rows], evidence.fidelity[rows])
    wanted = standardised(targets(evidence)[rows])
    starts = [coding.scales_from(scales_in(rounds)), Scales.usual(len(coding.names))]
    return coding.scales_to(fit(features, coding.groups, wanted, starts))


def _learned(space: Space, index: int, model: dict[str, float], evidence: Evidence, first: int) -> Round:
    """A round of the whole space that moves nothing: what it tells is what the model has come to see."""
    bounds = tuple(replace(bound, rule="stay") for bound in starting_bounds(space, Region.whole(space)))
    best = int(np.argmin(evidence.losses))
    return Round(
        index=index,
        box=ROOT,
        first_number=first,
        finished=len(evidence),
        bounds=bounds,
        reason=f"learned from {len(evidence)} results: {_in_words(model)}",
        rule=LEARN,
        inside=len(evidence),
        best=int(evidence.numbers[best]),
        model=model,
    )


def _in_words(model: Mapping[str, float]) -> str:
    lengths = {name: float(np.exp(length)) for name, length in model.items() if not name.startswith("*")}
    ordered = sorted(lengths, key=lambda name: lengths[name])
    flat = [name for name in ordered[1:] if lengths[name] > _FLAT]
    fastest = f"the loss changes most along {', '.join(ordered[: min(3, len(ordered) - len(flat))])}"
    return f"{fastest}; hardly along {', '.join(flat)}" if flat else fastest
