"""What model-based searches import when they first think takes most of a second: better while nobody waits."""

from __future__ import annotations

from importlib import import_module

_SLOW = ("scipy.special", "scipy.linalg.blas", "scipy.linalg.lapack", "scipy.optimize", "scipy.stats.qmc")


def warm() -> None:
    """Imports it; nothing when that was done before."""
    for name in _SLOW:
        import_module(name)
