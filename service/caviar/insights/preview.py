"""What a study would draw, before anything is stored: its first configurations, a histogram per parameter, advice."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter
from caviar.domain.scales import from_unit
from caviar.domain.spec import StudySpec
from caviar.domain.values import Value
from caviar.insights.advice import advice
from caviar.insights.documents import Document
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer
from caviar.search.randomness import generator
from caviar.search.searcher import Searcher
from caviar.search.tiers.places import places

CONFIGURATIONS = 20
DRAWS = 1_000
BLOCK, MOST_BLOCKS = 8_192, 16
BINS = 20
LABELS_SHOWN = 50


def preview(spec: StudySpec, seed: int) -> Document:
    """`seed` serves where the document has none. Raises MissingExtra for a strategy that is not installed."""
    draws = _drawn(spec, _seed(spec, seed))
    return {
        "strategy": spec.search.strategy,
        "configurations": _first(spec, seed) if draws else [],
        "histograms": {
            name: _histogram(parameter, [params[name] for params in draws if name in params], len(draws))
            for name, parameter in spec.space.parameters.items()
            if not isinstance(parameter, Constant)
        },
        "cardinality": spec.space.cardinality,
        "tiers": [place.to_document() for place in places(spec.space, spec.search)],
        "warnings": [each.to_document() for each in advice(spec)],
    }


def _drawn(spec: StudySpec, seed: int) -> list[dict[str, Value]]:
    """Evenly, as many as can be found that hold the constraints: fewer where those leave next to nothing."""
    rng, found = generator(seed, 0), np.empty((0, spec.space.dimension))
    for _ in range(MOST_BLOCKS):
        units = rng.random((BLOCK, spec.space.dimension))
        found = np.concatenate([found, units[spec.space.feasible(units)]])[:DRAWS]
        if len(found) == DRAWS:
            break
    return spec.space.decode(found)


def _first(spec: StudySpec, seed: int) -> list[dict[str, Value]]:
    """The study's own first trials; of a model-based search, which begins by chance, random ones."""
    count = min(CONFIGURATIONS, spec.budget.trials)
    searcher = build_searcher(spec.space, spec.search, spec.budget.trials, _seed(spec, seed))
    if searcher.thinks:
        search = spec.search.model_copy(update={"strategy": "random", "initial": (), "points": {}})
        searcher = build_searcher(spec.space, search, spec.budget.trials, _seed(spec, seed))
    return _suggested(searcher, spec, count)


def _suggested(searcher: Searcher, spec: StudySpec, count: int) -> list[dict[str, Value]]:
    plan = searcher.suggest(HistoryBuffer(spec.space.dimension).view(), (), 0, count)
    return [suggestion.params for suggestion in plan.suggestions]


def _seed(spec: StudySpec, seed: int) -> int:
    return seed if spec.search.seed is None else spec.search.seed


def _histogram(parameter: Parameter, values: Sequence[Value], draws: int) -> Document:
    """Numbers in bins of equal width on the parameter's own scale; other values by label. `active` is the share of
    configurations that have the parameter at all."""
    share = len(values) / draws if draws else 0.0
    match parameter:
        case Float() | Int():
            return {"kind": "numbers", "scale": parameter.scale, "active": share, **_binned(parameter, values)}
        case _:
            return {"kind": "labels", "active": share, **_labelled(parameter, values)}


def _binned(parameter: Float | Int, values: Sequence[Value]) -> Document:
    edges = _edges(parameter)
    numbers = np.array(values, dtype=float)
    counts, _ = np.histogram(numbers, edges)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def _edges(parameter: Float | Int) -> Any:
    """Of an integer with few values, one bin a value."""
    if isinstance(parameter, Int) and parameter.high - parameter.low < BINS:
        return np.arange(parameter.low, parameter.high + 2) - 0.5
    low, high = float(parameter.low), float(parameter.high)
    edges = from_unit(parameter.scale, np.linspace(0.0, 1.0, BINS + 1), low, high)
    edges[0], edges[-1] = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
    return edges


def _labelled(parameter: Parameter, values: Sequence[Value]) -> Document:
    counted = Counter(map(_label, values))
    labels = [_label(value) for value in parameter.values] if isinstance(parameter, Choice) else list(counted)
    shown = labels[:LABELS_SHOWN]
    return {"labels": shown, "counts": [counted[label] for label in shown], "more": len(labels) - len(shown)}


def _label(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
    return str(value)
