"""The state of a training in a file: what goes on from it ends with the same weights, to the last bit."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from caviar_workers.trainers.network import Network
from caviar_workers.trainers.optimizers import Optimizer

FILE: Final = "training.npz"
_GENERATOR: Final = "generator"
_WEIGHTS: Final = "weights"


def save(folder: Path, network: Network, optimizer: Optimizer, generator: np.random.Generator) -> Path:
    """The file that was written."""
    path = folder / FILE
    state = np.array(json.dumps(generator.bit_generator.state))
    np.savez(path, **{_WEIGHTS: network.weights, _GENERATOR: state, **optimizer.state()})
    return path


def load(path: Path, network: Network, optimizer: Optimizer, generator: np.random.Generator) -> None:
    """Raises ValueError when the file is of another network."""
    with np.load(path, allow_pickle=False) as stored:
        arrays: dict[str, Any] = dict(stored)
    weights = arrays.pop(_WEIGHTS)
    if weights.shape != network.weights.shape:
        raise ValueError(f"the checkpoint has {weights.size} weights, this network {network.weights.size}")
    network.weights[:] = weights
    generator.bit_generator.state = json.loads(str(arrays.pop(_GENERATOR)))
    optimizer.load(arrays)
