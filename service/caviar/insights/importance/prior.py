"""What experience says before any trial: the order in which it pays to tune (Ng's course notes)."""

import re
from typing import Final

from caviar.domain.space import Space

_ORDER: Final = (
    re.compile(r"(^|[_.])(lr|learning_rate|alpha|eta|step_size)($|[_.\d])", re.IGNORECASE),
    re.compile(
        r"momentum|batch|hidden|units|width|neurons|n_?nodes|channels|(^|[_.])(dim|d_model)($|[_.\d])", re.IGNORECASE
    ),
    re.compile(r"layers|depth|blocks|decay|schedule|warmup", re.IGNORECASE),
    re.compile(r"beta_?[12]?$|(^|[_.])(b1|b2|eps|epsilon)($|[_.])", re.IGNORECASE),
)
WORDS: Final = (
    "the learning rate first",
    "then momentum, batch size, hidden units",
    "then layers and decay",
    "Adam's constants almost never",
)


def prior_tier(space: Space, name: str) -> int | None:
    """1 (tune it first) to 4 (almost never); the document's own `tier` where it has one; None: nothing is known.

    A decay is a decay even where it names the learning rate."""
    given = space.parameters[name].tier
    if given is not None:
        return given
    found = [tier for tier, words in enumerate(_ORDER, 1) if words.search(name)]
    return max(found, default=None)
