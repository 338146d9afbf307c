"""Refits the model now and then; its scales travel in the rounds, so a restart does not lose them."""

from __future__ import annotations

from collections.abc import Sequence

from caviar.domain.space import Space
from caviar.search.coarse_to_fine.coding import Coding
from caviar.search.coarse_to_fine.evidence import Evidence
from caviar.search.coarse_to_fine.model import fit
from caviar.search.coarse_to_fine.propose import standardised
from caviar.search.coarse_to_fine.targets import Sampler, targets
from caviar.search.searcher import Round

_ROWS = 130
_GROWTH = 1.1


def scales_in(rounds: Sequence[Round]) -> dict[str, float]:
    """The newest scales that were stored; empty before the first fit."""
    return next((dict(record.model) for record in reversed(rounds) if record.model is not None), {})


def refitted(space: Space, seed: int, rounds: Sequence[Round], evidence: Evidence) -> dict[str, float] | None:
    """New scales when there are a tenth more results than at the last fit, else None."""
    last = next((record.finished for record in reversed(rounds) if record.model is not None), 0)
    if len(evidence) < max(4, _GROWTH * last):
        return None
    coding = Coding(space, learning=bool((evidence.fidelity < 1).any()))
    wanted = targets(evidence)
    rows = Sampler(seed + 1).rows(evidence, evidence.losses, _ROWS)
    features = coding.features(evidence.units[rows], evidence.fidelity[rows])
    start = coding.scales_from(scales_in(rounds))
    return coding.scales_to(fit(features, coding.groups, standardised(wanted[rows]), start))
