"""What can be wrong between the sections of a study. All of it reads the document as it came, so that mistakes are
found here too while there are others."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from caviar.domain.errors import Problem, did_you_mean, pointer
from caviar.domain.parameters import Choice, Constant
from caviar.domain.space import Space
from caviar.domain.space_rules import MAX_PARAMETERS
from caviar.domain.spec import SEED, WHOLE, Budget, PbtSpec, RepeatSpec, train_problem

MAX_POPULATION: Final = 1_000

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.]*"
_PLACEHOLDER: Final = re.compile(rf"\{{\{{{_NAME}\}}\}}|\{{({_NAME})\}}")


def placeholders(argument: str) -> list[str]:
    """The parameters that a command's argument names as {name}. {{name}} stands for the text {name}; every other brace
    is itself, so that JSON may be an argument."""
    return [name for name in _PLACEHOLDER.findall(argument) if name]


def study_problems(document: Mapping[str, Any], names: Collection[str], space: Space | None) -> Iterator[Problem]:
    """`names` of all parameters that were declared; `space` None: it has mistakes of its own."""
    train, search = document.get("train"), document.get("search")
    yield from _schedule_problems(document.get("rules"), names, space)
    if isinstance(train, dict):
        if detail := train_problem(train):
            yield Problem("/train", detail)
        seeded = [*names, SEED] if isinstance(document.get("repeat"), dict) else names
        yield from _command_problems(train.get("command"), seeded)
    yield from _repeat_problems(document.get("repeat"), document.get("budget"), names)
    if isinstance(search, dict):
        yield from _points_problems(search.get("points"), names, space)
        if search.get("strategy") == "pbt":
            yield from _population_problems(document, search.get("pbt"))
        if space is not None:
            yield from _tier_problems(search.get("strategy"), space)
            yield from _initial_problems(search.get("initial"), space)


def _schedule_problems(rules: object, names: Collection[str], space: Space | None) -> Iterator[Problem]:
    for index, rule in enumerate(_listed(rules)):
        for action in ("multiply", "set"):
            named = rule.get(action) if isinstance(rule, dict) else None
            for name in named if isinstance(named, dict) else ():
                at = pointer("rules", index, action, name)
                parameter = space.parameters.get(name) if space else None
                if name not in names:
                    yield Problem(at, f"there is no such parameter.{did_you_mean(str(name), names)}")
                elif isinstance(parameter, Constant):
                    yield Problem(at, "is constant")
                elif action == "multiply" and isinstance(parameter, Choice):
                    yield Problem(at, "is a choice: set it")


def _command_problems(command: object, names: Collection[str]) -> Iterator[Problem]:
    for index, argument in enumerate(_listed(command)):
        found = dict.fromkeys(placeholders(argument)) if isinstance(argument, str) else {}
        for name in found:
            if name not in names:
                hint = did_you_mean(name, names) or f" For the text itself write {{{{{name}}}}}."
                yield Problem(pointer("train", "command", index), f"{{{name}}} is no parameter.{hint}")


def _repeat_problems(repeat: object, budget: object, names: Collection[str]) -> Iterator[Problem]:
    if not isinstance(repeat, dict):
        return
    if SEED in names:
        yield Problem("/repeat", f'gives each trial a parameter "{SEED}", which the space has already: rename that one')
    seeds, top = repeat.get("seeds", RepeatSpec().seeds), repeat.get("top", RepeatSpec().top)
    trials = budget.get("trials", Budget().trials) if isinstance(budget, dict) else Budget().trials
    if all(type(number) is int for number in (seeds, top, trials)) and seeds * top >= trials:
        yield Problem(
            "/repeat", f"takes {seeds * top} trials (seeds × top) of {trials}: nothing is left to search with"
        )


def _points_problems(points: object, names: Collection[str], space: Space | None) -> Iterator[Problem]:
    for name in points if isinstance(points, dict) else ():
        parameter = space.parameters.get(name) if space else None
        if name not in names:
            yield Problem(
                pointer("search", "points", name), f"there is no such parameter.{did_you_mean(str(name), names)}"
            )
        elif isinstance(parameter, Choice | Constant):
            yield Problem(
                pointer("search", "points", name), "is for floats and ints: a grid takes every value of this one"
            )


def _population_problems(document: Mapping[str, Any], pbt: object) -> Iterator[Problem]:
    train, stopping, budget = (document.get(name) for name in ("train", "stopping", "budget"))
    if isinstance(train, dict) and train.get("external"):
        yield Problem("/train", "strategy pbt copies checkpoints from trial to trial: external training has none here")
    if isinstance(stopping, dict) and stopping.get("rule", "none") != "none":
        yield Problem("/stopping/rule", "is not for strategy pbt, whose trials go on from better ones instead")
    for name in ("rules", "repeat"):
        if document.get(name):
            yield Problem(pointer(name), "is not for strategy pbt, which changes the parameters of its trials itself")
    trials = budget.get("trials", Budget().trials) if isinstance(budget, dict) else Budget().trials
    quantile = pbt.get("quantile", PbtSpec().quantile) if isinstance(pbt, dict) else PbtSpec().quantile
    if type(trials) is int and isinstance(quantile, int | float):
        if trials > MAX_POPULATION:
            yield Problem("/budget/trials", f"is the population of strategy pbt: {MAX_POPULATION} at most")
        if trials * quantile < 1:
            yield Problem("/search/pbt/quantile", f"of {trials} trials is none: nobody would ever be replaced")


def _tier_problems(strategy: object, space: Space) -> Iterator[Problem]:
    if strategy not in WHOLE:
        return
    for name in space.columns:
        if space.parameters[name].tier is not None:
            yield Problem(
                pointer("space", name, "tier"), f"is not for strategy {strategy}, which searches all parameters at once"
            )


def _initial_problems(initial: object, space: Space) -> Iterator[Problem]:
    for index, params in enumerate(_listed(initial)):
        at = pointer("search", "initial", index)
        if isinstance(params, dict) and len(params) > MAX_PARAMETERS:
            yield Problem(at, "has more values than a space has parameters")
        elif isinstance(params, dict):
            yield from (problem.under(at) for problem in space.check_partial(params))


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
