"""What each kind of parameter demands of its fields: every mistake of one parameter, pointers from its document.

A required field that a document lacks arrives as MISSING."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeGuard

from caviar.domain.errors import Problem, did_you_mean, pointer
from caviar.domain.values import MISSING, SCALES, key, number_problem, plain, shown, value_problem, whole_problem

MAX_VALUES: Final = 10_000
MAX_STEPS: Final = 2**31
MAX_TIER: Final = 9


def float_problems(low: Any, high: Any, step: Any, scale: object) -> list[Problem]:
    problems = _field_problems(low, high, step, scale, number_problem)
    if problems:
        return problems
    low, high, step = float(low), float(high), None if step is None else float(step)
    if not math.isfinite(high - low):
        return [Problem("/high", "lies too far from low: their difference is infinite in float64")]
    problems = _range_problems(low, high, step, scale)
    if scale == "one_minus_log" and high >= 1:
        problems.append(_wrong("high", "must be below 1 on the scale one_minus_log", high))
    return problems or _lattice_problems(low, high, step, scale)


def int_problems(low: Any, high: Any, step: Any, scale: object) -> list[Problem]:
    problems = _field_problems(low, high, step, scale, whole_problem)
    if scale == "one_minus_log":
        problems.append(Problem("/scale", "is for floats below 1: an int takes linear or log"))
    return problems or _range_problems(low, high, step, scale) or _lattice_problems(low, high, step, scale)


def choice_problems(values: object, ordered: object) -> list[Problem]:
    problems = _values_problems(values)
    if not isinstance(ordered, bool):
        problems.append(_wrong("ordered", "must be true or false", ordered))
    return problems


def constant_problems(value: object) -> list[Problem]:
    detail = value_problem(value)
    return [Problem("/value", detail)] if detail else []


def common_problems(when: object, tier: Any) -> list[Problem]:
    problems = _when_problems(when)
    if tier is not None and (whole_problem(tier) or not 1 <= tier <= MAX_TIER):
        problems.append(_wrong("tier", f"must be a whole number from 1 to {MAX_TIER}", tier))
    return problems


def steps_between(low: float, high: float, step: float) -> int:
    """How many whole steps fit, with the numbers taken as written: 0.1 is a tenth, not the double next to it."""
    return (exact(high) - exact(low)) // exact(step)


def exact(number: float) -> Fraction:
    return Fraction(repr(number))


def is_list(values: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(values, Sequence) and not isinstance(values, str | bytes)


def _field_problems(
    low: object, high: object, step: object, scale: object, check: Callable[[object], str | None]
) -> list[Problem]:
    """Of each field alone: `check` is what the numbers must pass."""
    fields = {"low": low, "high": high} | ({} if step is None else {"step": step})
    problems = [Problem(pointer(name), detail) for name, value in fields.items() if (detail := check(value))]
    if scale not in SCALES:
        hint = did_you_mean(scale, SCALES) if isinstance(scale, str) else ""
        problems.append(_wrong("scale", "must be linear, log or one_minus_log", scale, hint))
    return problems


def _range_problems(low: float, high: float, step: float | None, scale: object) -> list[Problem]:
    """Of the fields together, once each is right alone."""
    if low == high:
        return [Problem("/high", f"equals low: for one value use {{type: constant, value: {shown(low)}}}")]
    if low > high:
        return [Problem("/high", f"must be above low, which is {shown(low)}")]
    problems = [] if step is None else _step_problems(low, high, step)
    if scale == "log" and low <= 0:
        problems.append(_wrong("low", "must be above 0 on a log scale", low))
    return problems


def _step_problems(low: float, high: float, step: float) -> list[Problem]:
    if step <= 0:
        return [_wrong("step", "must be above 0", step)]
    steps = steps_between(low, high, step)
    if steps < 1:
        return [_wrong("step", "must fit between low and high", step)]
    if steps >= MAX_STEPS:
        return [Problem("/step", f"makes more than {MAX_STEPS:,} values: leave it out")]
    if low + step == low or high - step == high:
        return [Problem("/step", f"is lost beside numbers as large as {shown(max(abs(low), abs(high)))}")]
    return []


def _lattice_problems(low: float, high: float, step: float | None, scale: object) -> list[Problem]:
    """A stepped value owns half a step on each side, and that must be within the scale's domain as well."""
    if step is None:
        return []
    if scale == "log" and step >= 2 * low:
        return [_wrong("step", f"must be below {shown(2 * low)}, twice low, on a log scale", step)]
    last = float(exact(low) + steps_between(low, high, step) * exact(step))
    if scale == "one_minus_log" and last + step / 2 >= 1:
        return [_wrong("step", f"must leave half a step between {shown(last)} and 1", step)]
    return []


def _values_problems(values: object) -> list[Problem]:
    if values is MISSING:
        return [Problem("/values", "is missing")]
    if not is_list(values):
        return [_wrong("values", "must be a list", values)]
    if not 1 <= len(values) <= MAX_VALUES:
        return [Problem("/values", f"must hold 1 to {MAX_VALUES:,} values, not {len(values):,}")]
    problems, seen = [], dict[object, int]()
    for index, value in enumerate(values):
        if detail := value_problem(value):
            problems.append(Problem(pointer("values", index), detail))
        elif (first := seen.setdefault(key(value), index)) != index:
            problems.append(Problem(pointer("values", index), f"{shown(value)} stands at /values/{first} already"))
    return problems


def _when_problems(when: object) -> list[Problem]:
    if when is None:
        return []
    if not isinstance(when, Mapping):
        return [_wrong("when", "must be an object such as {optimizer: [sgd]}", when)]
    problems = []
    for parent, values in when.items():
        if not isinstance(parent, str):
            problems.append(Problem(pointer("when", parent), f"names a parameter by a string, not by {shown(parent)}"))
        elif not is_list(values) or not len(values):
            problems.append(_wrong(f"when{pointer(parent)}", "must be a list of the parent's values", values))
        else:
            details = [(index, value_problem(plain(value))) for index, value in enumerate(values)]
            problems += [Problem(pointer("when", parent, index), detail) for index, detail in details if detail]
    return problems


def _wrong(name: str, rule: str, value: object, hint: str = "") -> Problem:
    return Problem(f"/{name}", f"{rule}, not {shown(value)}" + (f".{hint}" if hint else ""))
