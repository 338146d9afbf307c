"""The scale linter: what experience says about a search space, before it costs anything. Pure, never an error."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from caviar.domain.errors import pointer
from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter, value_count
from caviar.domain.spec import StudySpec
from caviar.search.randomness import generator

GRID_POINTS: Final = 10
"""Values a continuous parameter has in a grid when the document does not say."""
_DECADES: Final = 2.0
_SAMPLE: Final = 4_096
_LITTLE: Final = 0.05
_AVERAGES: Final = re.compile(r"momentum|beta_?[0-9]*|decay_rate|ema|rho|gamma", re.IGNORECASE)
_RATES: Final = re.compile(r"(^|_|\.)(lr|learning_rate|weight_decay|alpha|eps(ilon)?|l2)($|_|\.)", re.IGNORECASE)
_ADAM: Final = re.compile(r"(adam_?)?(beta_?[12]|b[12]|eps(ilon)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advice:
    """`code` is stable; `pointer` names the place in the document."""

    pointer: str
    code: str
    detail: str

    def to_document(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


def advice(spec: StudySpec) -> list[Advice]:
    """In the order of the document."""
    found: list[Advice] = []
    for name, parameter in spec.space.parameters.items():
        found += _about_parameter(name, parameter)
    return [*found, *_about_constraints(spec), *_about_grid(spec), *_about_checkpoints(spec), *_about_size(spec)]


def _about_parameter(name: str, parameter: Parameter) -> Iterator[Advice]:
    place = pointer("space", name)
    match parameter:
        case Float() | Int():
            yield from _about_scale(name, parameter, place)
            if _ADAM.fullmatch(name):
                said = f"Adam's {name} is almost never worth tuning: make it a constant and spend the trials elsewhere"
                yield Advice(place, "seldom_matters", said)
        case Choice(values) if not parameter.ordered and len(values) > 2 and all(map(_is_number, values)):
            said = (
                f"{name} is a choice among numbers: with ordered: true (or as int or float) neighbours help each other"
            )
            yield Advice(place, "numbers_without_order", said)
        case _:
            pass


def _about_scale(name: str, parameter: Float | Int, place: str) -> Iterator[Advice]:
    if parameter.scale != "linear":
        return
    low, high = float(parameter.low), float(parameter.high)
    if _near_one(name, low, high):
        said = (
            f"{name} is linear up to {high:g}: for an average, 0.9 to 0.99 matters as much as 0.99 to 0.999; "
            f"use scale: one_minus_log"
        )
        yield Advice(place, "near_one", said)
    elif low > 0 and math.log10(high / low) >= _DECADES:
        yield Advice(place, "many_decades", _decades(name, low, high))
    elif low == 0 and isinstance(parameter, Float) and parameter.step is None and _RATES.search(name):
        said = f"{name} is linear from 0: small values are hardly ever drawn; give it a low above 0 and scale: log"
        yield Advice(place, "linear_from_zero", said)


def _decades(name: str, low: float, high: float) -> str:
    top = (high - high / 10) / (high - low)
    decades = math.log10(high / low)
    share = f"{min(top, 1):.0%} of trials fall in the top decade"
    return f"{name} is linear over {decades:.2g} decades: {share}; use scale: log"


def _near_one(name: str, low: float, high: float) -> bool:
    return 0.98 <= high < 1 and low >= 0 and (low >= 0.8 or _AVERAGES.search(name) is not None)


def _about_constraints(spec: StudySpec) -> Iterator[Advice]:
    """How much of the space they leave, by a sample of it."""
    if not spec.constraints:
        return
    share = spec.space.feasible_share(generator(0, 0).random((_SAMPLE, spec.space.dimension)))
    if share == 0:
        said = f"the constraints leave none of {_SAMPLE:,} configurations drawn evenly: loosen them"
        yield Advice("/constraints", "leaves_nothing", said)
    elif share < _LITTLE:
        said = f"the constraints leave {share:.2g} of the space: narrow the ranges to where they hold"
        yield Advice("/constraints", "leaves_little", f"{said}, so that the search learns from all it draws")
    elif share == 1:
        said = f"the constraints exclude none of {_SAMPLE:,} configurations drawn evenly: are they what you mean?"
        yield Advice("/constraints", "excludes_nothing", said)


def _about_grid(spec: StudySpec) -> Iterator[Advice]:
    if spec.search.strategy != "grid":
        return
    points = math.prod(_grid_points(name, each, spec.search.points) for name, each in spec.space.parameters.items())
    if points > spec.budget.trials:
        said = f"a grid of {_count(points)} points against a budget of {spec.budget.trials}: most of it is never tried"
        yield Advice("/search/strategy", "grid_too_large", f"{said}; random or coarse_to_fine use the trials better")


def _about_checkpoints(spec: StudySpec) -> Iterator[Advice]:
    """What is known before anything runs: of the built-in trainers whether they save their state, of others nothing."""
    population = spec.search.population is not None
    if not (spec.stopping.promotes or population) or spec.train.external:
        return
    saves = bool(spec.train.options.get("checkpoint_epochs", 0)) if spec.train.builtin else None
    if saves:
        return
    said = "training makes no checkpoints" if saves is False else "where training makes no checkpoints"
    how = "options: {checkpoint_epochs: 1}" if spec.train.builtin == "mlp" else "trial.checkpoint and trial.restore"
    if population:
        detail = f"{said}, no trial can go on from a better one, and the population is a random search: use {how}"
        yield Advice("/search/strategy", "pbt_without_checkpoints", detail)
    else:
        how = "mode: stopping" if spec.train.builtin == "sklearn" else how
        detail = f"{said}, a trial that is promoted begins again with its first step: use {how}"
        yield Advice("/stopping/mode", "promotion_restarts", detail)


def _about_size(spec: StudySpec) -> Iterator[Advice]:
    cardinality = spec.space.cardinality
    if cardinality is not None and cardinality < spec.budget.trials and spec.search.strategy != "grid":
        said = f"the space has {cardinality:,} configurations, fewer than the budget's {spec.budget.trials:,} trials"
        yield Advice("/budget/trials", "small_space", f"{said}: the study ends when all are tried")


def _grid_points(name: str, parameter: Parameter, points: Mapping[str, Any]) -> int:
    if isinstance(parameter, Constant):
        return 1
    count = value_count(parameter)
    given = points.get(name)
    if count is None:
        return given or GRID_POINTS
    return min(count, given) if given else count


def _count(number: int) -> str:
    return f"{number:,}" if number < 1_000_000 else f"{number:.2g}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
