"""The trainers that ship with Caviar, by the name a study gives in `train: {builtin: ...}`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from caviar_workers.trainers.arguments import TrainerError, unknown

__all__ = ["NAMES", "TrainerError", "builtin"]

Trainer = Callable[[Any, Mapping[str, Any]], Mapping[str, float]]
"""Called as run(trial, options) with a caviar.Trial; returns the final metrics."""

_MODULES: Final = {"mlp": "caviar_workers.trainers.mlp", "sklearn": "caviar_workers.trainers.sklearn"}
NAMES: Final = tuple(_MODULES)


def builtin(name: str) -> Trainer:
    """Imports the trainer and nothing of the others; raises TrainerError for a name that isn't in NAMES."""
    if name not in _MODULES:
        raise TrainerError(f"built-in trainer {unknown(name, NAMES)}")
    trainer: Trainer = import_module(_MODULES[name]).run
    return trainer
