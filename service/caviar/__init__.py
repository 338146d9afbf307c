"""Caviar: many models in parallel with different hyperparameters, the best kept, the next round sampled near it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caviar.client import Client
    from caviar.domain.parameters import Choice, Constant, Float, Int
    from caviar.search.in_process import Search
    from caviar_workers.current import current_trial
    from caviar_workers.trial import Trial, TrialStopped

    __version__: str

__all__ = [
    "Choice",
    "Client",
    "Constant",
    "Float",
    "Int",
    "Search",
    "Trial",
    "TrialStopped",
    "__version__",
    "current_trial",
]

# Imported on first use: training code that asks for its trial does not pay for the client, nor the client for numpy.
_HOMES = {
    "Choice": "caviar.domain.parameters",
    "Client": "caviar.client",
    "Constant": "caviar.domain.parameters",
    "Float": "caviar.domain.parameters",
    "Int": "caviar.domain.parameters",
    "Search": "caviar.search.in_process",
    "Trial": "caviar_workers.trial",
    "TrialStopped": "caviar_workers.trial",
    "current_trial": "caviar_workers.current",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("caviar")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
