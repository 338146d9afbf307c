"""Everything that can be wrong with a space whose parameters are each right alone."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from caviar.domain.columns import make_column
from caviar.domain.conditions import condition_problems
from caviar.domain.errors import Problem, pointer
from caviar.domain.expressions import ExpressionError, Kind, parse_constraint
from caviar.domain.parameters import Choice, Constant, Float, Int, Parameter
from caviar.domain.rules import is_list
from caviar.domain.values import Value, shown, text_problem

MAX_PARAMETERS: Final = 200
MAX_CONSTRAINTS: Final = 100
MAX_NAME: Final = 200

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def space_problems(
    parameters: Mapping[str, Parameter], constraints: Sequence[str] = (), broken: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Every mistake; those of constraint 0 point to "/constraints/0".

    `broken` are names that were declared too, but whose own mistakes were told already: they may be referred to.
    """
    rules = [problem.under("/constraints") for problem in constraint_problems(parameters, constraints, broken)]
    return (*parameter_problems(parameters, broken), *rules)


MOST_PROBLEMS = 200
"""Nobody reads more; conditions can be wrong in 40,000 ways."""


def parameter_problems(parameters: Mapping[str, Parameter], broken: Collection[str] = ()) -> tuple[Problem, ...]:
    """Pointers from the object of parameters: "/learning_rate/when/optimizer"."""
    strangers = [name for name, parameter in parameters.items() if not isinstance(parameter, Parameter)]
    sound = {name: parameter for name, parameter in parameters.items() if name not in strangers}
    return (
        *_size_problems(len(parameters) + len(broken)),
        *(problem for name in [*parameters, *broken] if (problem := _name_problem(name))),
        *(Problem(pointer(name), "must be a Float, an Int, a Choice or a Constant") for name in strangers),
        *_nothing_searched(parameters, broken),
        *(problem for name, parameter in sound.items() if (problem := _default_problem(name, parameter))),
        *islice(condition_problems(sound, {*broken, *strangers}), MOST_PROBLEMS),
    )


def constraint_problems(
    parameters: Mapping[str, Parameter], constraints: object, broken: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Pointers from the list of constraints: "/0"."""
    if not is_list(constraints):
        return (Problem("", f'must be a list of strings such as "a * b <= 300", not {shown(constraints)}'),)
    if len(constraints) > MAX_CONSTRAINTS:
        return (Problem("", f"must be at most {MAX_CONSTRAINTS} constraints, not {len(constraints):,}"),)
    sound = {name: parameter for name, parameter in parameters.items() if isinstance(parameter, Parameter)}
    kinds = kinds_of(sound) | dict.fromkeys({*broken, *parameters} - {*sound}, Kind.UNKNOWN)
    problems = [(index, _constraint_problem(text, kinds)) for index, text in enumerate(constraints)]
    return tuple(Problem(pointer(index), detail) for index, detail in problems if detail)


def kinds_of(parameters: Mapping[str, Parameter]) -> dict[str, Kind]:
    return {name: _kind(parameter) for name, parameter in parameters.items()}


def _kind(parameter: Parameter) -> Kind:
    match parameter:
        case Float() | Int():
            return Kind.NUMBER
        case Choice(values):
            kinds = {_value_kind(value) for value in values}
        case Constant(value):
            kinds = {_value_kind(value)}
    return kinds.pop() if len(kinds) == 1 else Kind.MIXED


def _value_kind(value: Value) -> Kind:
    match value:
        case bool():
            return Kind.TRUTH
        case str():
            return Kind.TEXT
        case None:
            return Kind.MIXED
    return Kind.NUMBER


def _size_problems(count: int) -> Iterator[Problem]:
    if count == 0:
        yield Problem("", "must have at least one parameter")
    if count > MAX_PARAMETERS:
        yield Problem("", f"must have at most {MAX_PARAMETERS} parameters, not {count:,}")


def _nothing_searched(parameters: Mapping[str, Parameter], broken: Collection[str]) -> Iterator[Problem]:
    if parameters and not broken and all(isinstance(parameter, Constant) for parameter in parameters.values()):
        yield Problem("", "has nothing to search: every parameter is a constant")


def _default_problem(name: str, parameter: Parameter) -> Problem | None:
    if isinstance(parameter, Constant) or parameter.default is None:
        return None
    detail = make_column(parameter).problem(parameter.default)
    return Problem(pointer(name, "default"), detail) if detail else None


def _name_problem(name: Any) -> Problem | None:
    if not isinstance(name, str):
        return Problem(pointer(name), f"is not a name: a name is a string, not {shown(name)}")
    if len(name) > MAX_NAME:
        return Problem(pointer(name), f"is longer than the {MAX_NAME} characters that a name may have")
    if not _NAME.fullmatch(name):
        return Problem(pointer(name), "is not a name: a letter or _ first, then letters, digits, _ and .")
    return None


def _constraint_problem(text: object, kinds: Mapping[str, Kind]) -> str | None:
    if not isinstance(text, str):
        return f'must be a string such as "a * b <= 300", not {shown(text)}'
    if detail := text_problem(text):
        return detail
    try:
        parse_constraint(text, kinds)
    except ExpressionError as error:
        return str(error)
    return None
