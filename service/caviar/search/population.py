"""Population based training (Jaderberg et al. 2017): who goes on from whom, and with what. Pure; values are minimised.

A trial is compared after every `ready` steps, a rung, with what the others had at the same step. The first to come
find nobody there: they are compared where enough have been, at an earlier rung.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from caviar.domain.parameters import Choice, Float, Int, Value
from caviar.domain.space import Space
from caviar.domain.spec import PbtSpec
from caviar.search.randomness import generator
from caviar.search.schedules import product
from caviar.search.stopping import Rungs

_STREAM = 13
_TRIES = 100
_MOST_RUNGS = 1 << 20


def rung_at(pbt: PbtSpec, after: float, upto: float) -> int | None:
    """The rung passed when the step moves from `after` to `upto`: rung k stands at k × ready."""
    passed = math.floor(upto / pbt.ready)
    return passed if passed >= 1 and passed * pbt.ready > after else None


def to_replace(pbt: PbtSpec, rungs: Rungs, number: int, rung: int, since: float) -> tuple[int, ...]:
    """The trials that `number`, which has come to `rung`, may go on from: none when it is well off. `since`: the step
    from which on its values are its own."""
    for judged in range(rung, 0, -1):
        arrivals = rungs.get(judged, {})
        if judged * pbt.ready <= since:
            return ()
        count = int(len(arrivals) * pbt.quantile)
        if number in arrivals and count >= 1:
            ranked = sorted(arrivals, key=lambda each: (_loss(arrivals[each]), each))
            fine = tuple(each for each in ranked[:count] if _loss(arrivals[each]) < math.inf)
            return fine if number in ranked[-count:] and number not in fine else ()
    return ()


def choose(seed: int, number: int, rung: int, among: Collection[int]) -> int:
    """One of them, by lot."""
    return int(_generator(seed, number, rung, 0).choice(sorted(among)))


def explored(
    pbt: PbtSpec, space: Space, params: Mapping[str, Any], seed: int, number: int, rung: int
) -> dict[str, Value]:
    """`params` changed, within their bounds and constraints; as they are where no change of a hundred holds those."""
    draw = _generator(seed, number, rung, 1)
    for _ in range(_TRIES):
        unit = np.array([_moved(pbt, space, name, params, draw) for name in space.columns])[None, :]
        if bool(space.feasible(unit)[0]):
            return space.decode(unit)[0]
    return dict(params)


def _moved(pbt: PbtSpec, space: Space, name: str, params: Mapping[str, Any], draw: np.random.Generator) -> float:
    """Where the parameter stands now, on its axis of the unit cube. The same draws whatever is in `params`."""
    anew, chance, factor = draw.random(), draw.random(), float(draw.choice(pbt.factors))
    column, parameter = space.column(name), space.parameters[name]
    if name not in params or chance < pbt.resample or column.problem(params[name]):  # the space was edited since
        return anew
    here = column.position(params[name])
    match parameter:
        case Float() | Int():
            return column.position(_scaled(space, name, params[name], factor))
        case Choice(values, ordered=True):
            return min(max(here + math.copysign(1, factor - 1) / len(values), 0.0), 1.0)
    return here


def _scaled(space: Space, name: str, value: Any, factor: float) -> Value:
    """Multiplied; an average (one_minus_log) by what it lacks to 1; a step further where rounding would leave it."""
    parameter = space.parameters[name]
    assert isinstance(parameter, Float | Int)
    wanted = 1 - (1 - value) * factor if parameter.scale == "one_minus_log" else value * factor
    scaled = product(space, name, value, wanted / value) if value else value
    step = parameter.step or (1 if isinstance(parameter, Int) else 0)
    if scaled != value or not step:
        return scaled
    near = min(max(value + math.copysign(step, factor - 1), parameter.low), parameter.high)
    return int(near) if isinstance(parameter, Int) else near


def _generator(seed: int, number: int, rung: int, use: int) -> np.random.Generator:
    return generator(seed, number * _MOST_RUNGS + rung % _MOST_RUNGS, 2 * _STREAM + use)


def _loss(value: float) -> float:
    return value if math.isfinite(value) else math.inf
