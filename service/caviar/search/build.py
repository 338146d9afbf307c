"""From a study's `search` section to the searcher that serves it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from caviar.domain.errors import MissingExtra
from caviar.domain.space import Space
from caviar.domain.spec import RepeatSpec, SearchSpec
from caviar.search.coarse_to_fine.search import CoarseToFine
from caviar.search.grid import GridSearch
from caviar.search.initial import InitialFirst
from caviar.search.learned import Learned, LearnedFirst
from caviar.search.not_again import NotAgain
from caviar.search.random_search import RandomSearch
from caviar.search.repeating import Repeating
from caviar.search.searcher import Searcher
from caviar.search.sobol import SobolSearch
from caviar.search.tiers.places import places
from caviar.search.tiers.search import TieredSearch

Builder = Callable[[Space, SearchSpec, int, int], Searcher]


def build_searcher(
    space: Space,
    search: SearchSpec,
    trials: int,
    seed: int,
    learned: Learned | None = None,
    *,
    repeat: RepeatSpec | None = None,
) -> Searcher:
    """The searcher of a study of `trials` trials. Cheap enough to build for every call.

    Raises MissingExtra when the strategy needs a package that is not installed.
    """
    if repeat is not None:
        inner = build_searcher(space, search, trials - repeat.trials, seed, learned)
        return Repeating(space, seed, trials, repeat, inner)
    build = _BUILDERS[search.strategy]
    found = places(space, search)
    if found:
        searcher: Searcher = TieredSearch(space, trials, found, lambda small: build(small, search, trials, seed))
    else:
        searcher = build(space, search, trials, seed)
    if learned is not None:
        if isinstance(searcher, CoarseToFine):
            searcher.inherited_box = learned.round
        searcher = LearnedFirst(space, seed, learned, len(search.initial), searcher)
    if not found and search.strategy not in _NEVER_TWICE:
        searcher = NotAgain(space, seed, searcher)
    return InitialFirst(space, seed, search.initial, searcher) if search.initial else searcher


def _random(space: Space, search: SearchSpec, trials: int, seed: int) -> Searcher:  # noqa: ARG001
    return RandomSearch(space, seed)


def _grid(space: Space, search: SearchSpec, trials: int, seed: int) -> Searcher:  # noqa: ARG001
    return GridSearch(space, seed, search.points, skip=len(search.initial))


def _sobol(space: Space, search: SearchSpec, trials: int, seed: int) -> Searcher:  # noqa: ARG001
    return SobolSearch(space, seed, skip=len(search.initial))


def _coarse_to_fine(space: Space, search: SearchSpec, trials: int, seed: int) -> Searcher:
    return CoarseToFine(space, seed, trials, skip=len(search.initial))


def _optuna(space: Space, search: SearchSpec, trials: int, seed: int) -> Searcher:  # noqa: ARG001
    _need("optuna", f"Optuna, which strategy {search.strategy} needs,")
    if search.strategy == "gp":
        _need("torch", "PyTorch, which Optuna's GP needs,")
    from caviar.search.optuna_search import OptunaSearch  # noqa: PLC0415 - an extra

    return OptunaSearch(space, seed, search.strategy)


def _cmaes(space: Space, search: SearchSpec, trials: int, seed: int) -> Searcher:  # noqa: ARG001
    _need("cmaes", "cmaes, which strategy cmaes needs,")
    from caviar.search.cmaes_search import CmaesSearch  # noqa: PLC0415 - an extra

    return CmaesSearch(space, seed)


def _need(package: str, subject: str) -> None:
    if find_spec(package) is None:
        raise MissingExtra(subject, "optuna")


_NEVER_TWICE = frozenset({"grid", "coarse_to_fine"})
"""Strategies that suggest no configuration a second time anyway."""

_BUILDERS: dict[str, Builder] = {
    "random": _random,
    "grid": _grid,
    "sobol": _sobol,
    "coarse_to_fine": _coarse_to_fine,
    "tpe": _optuna,
    "gp": _optuna,
    "cmaes": _cmaes,
    "pbt": _random,
}
