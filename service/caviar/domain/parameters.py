"""The four kinds of parameter. `tier` says when its turn comes in a search that goes tier by tier, `default` at what
value it stands until then. One that breaks a rule can't be constructed: InvalidInput names every mistake, with
pointers from the parameter's own document ("/low")."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Final

from caviar.domain.errors import InvalidInput, Problem, did_you_mean, pointer
from caviar.domain.rules import (
    choice_problems,
    common_problems,
    constant_problems,
    float_problems,
    int_problems,
    is_list,
    steps_between,
)
from caviar.domain.values import MISSING, Scale, Value, plain, shown

__all__ = [
    "Choice",
    "Conditions",
    "Constant",
    "Float",
    "Int",
    "Parameter",
    "Scale",
    "Value",
    "conditions",
    "from_document",
    "to_document",
    "value_count",
]

Conditions = Mapping[str, Sequence[Value]]
"""Parent to the values of it under which the parameter is active. All parents must agree."""


@dataclass(frozen=True, slots=True)
class Float:
    """With a `step` the values are low, low + step, ... up to `high`."""

    low: float
    high: float
    _: KW_ONLY
    scale: Scale = "linear"
    step: float | None = None
    when: Conditions | None = field(default=None, hash=False)
    tier: int | None = None
    default: float | None = None

    def __post_init__(self) -> None:
        _unwrap(self, "low", "high", "step", "tier", "default")
        problems = float_problems(self.low, self.high, self.step, self.scale)
        _refuse([*problems, *common_problems(self.when, self.tier)])
        for name in ("low", "high", "step"):
            if getattr(self, name) is not None:
                _set(self, name, float(getattr(self, name)))
        _freeze_when(self)


@dataclass(frozen=True, slots=True)
class Int:
    """Both ends belong to it. With a `step` the values are low, low + step, ... up to `high`."""

    low: int
    high: int
    _: KW_ONLY
    scale: Scale = "linear"
    step: int | None = None
    when: Conditions | None = field(default=None, hash=False)
    tier: int | None = None
    default: int | None = None

    def __post_init__(self) -> None:
        _unwrap(self, "low", "high", "step", "tier", "default")
        problems = int_problems(self.low, self.high, self.step, self.scale)
        _refuse([*problems, *common_problems(self.when, self.tier)])
        _freeze_when(self)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `values`. `ordered` says that neighbours are alike, so that a search may move by steps."""

    values: Sequence[Value]
    _: KW_ONLY
    ordered: bool = False
    when: Conditions | None = field(default=None, hash=False)
    tier: int | None = None
    default: Value = None

    def __post_init__(self) -> None:
        _unwrap(self, "tier", "default")
        if is_list(self.values):
            _set(self, "values", tuple(plain(value) for value in self.values))
        _refuse([*choice_problems(self.values, self.ordered), *common_problems(self.when, self.tier)])
        _freeze_when(self)


@dataclass(frozen=True, slots=True)
class Constant:
    """Handed to training, never searched."""

    value: Value
    _: KW_ONLY
    when: Conditions | None = field(default=None, hash=False)
    tier: int | None = None

    def __post_init__(self) -> None:
        _unwrap(self, "value", "tier")
        _refuse([*constant_problems(self.value), *common_problems(self.when, self.tier)])
        _freeze_when(self)


Parameter = Float | Int | Choice | Constant

_KINDS: Final[Mapping[str, type[Parameter]]] = {"float": Float, "int": Int, "choice": Choice, "constant": Constant}
_REQUIRED: Final = {"float": ("low", "high"), "int": ("low", "high"), "choice": ("values",), "constant": ("value",)}


def conditions(parameter: Parameter) -> Mapping[str, tuple[Value, ...]]:
    """`parameter.when`, empty for a parameter that is always active."""
    return {parent: tuple(values) for parent, values in (parameter.when or {}).items()}


def value_count(parameter: Parameter) -> int | None:
    """How many values it has; None for a continuous range."""
    match parameter:
        case Float(step=None):
            return None
        case Float(low, high, step=float(step)):
            return steps_between(low, high, step) + 1
        case Int(low, high, step=step):
            return (high - low) // (step or 1) + 1
        case Choice(values):
            return len(values)
    return 1


def to_document(parameter: Parameter) -> dict[str, Any]:
    """The form of the study document; what is at its default is left out."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(parameter, cls))
    document: dict[str, Any] = {"type": kind}
    for name in parameter.__slots__:
        value = getattr(parameter, name)
        given = value is not None if name == "default" else value not in (None, False, "linear")
        if name in _REQUIRED[kind] or given:
            document[name] = list(value) if isinstance(value, tuple) else value
    if parameter.when:
        document["when"] = {parent: list(values) for parent, values in parameter.when.items()}
    return document


def from_document(document: object) -> Parameter:
    """Inverse of `to_document`; raises InvalidInput with every mistake, pointers from `document`."""
    if not isinstance(document, Mapping):
        detail = f"must be an object such as {{type: float, low: 0, high: 1}}, not {shown(document)}"
        raise InvalidInput([Problem("", detail)])
    kind = document.get("type", MISSING)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidInput([_unknown_kind(kind)])
    cls = _KINDS[kind]
    keys = [name for name in cls.__slots__ if name != "_"]
    problems = [
        Problem(pointer(name), f"is no key of type {kind}.{did_you_mean(str(name), keys)}")
        for name in document
        if name not in keys and name != "type"
    ]
    given: dict[str, Any] = dict.fromkeys(_REQUIRED[kind], MISSING) | {
        name: document[name] for name in keys if name in document
    }
    try:
        parameter = cls(**given)
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.errors]) from None
    _refuse(problems)
    return parameter


def _unknown_kind(kind: object) -> Problem:
    allowed = "float, int, choice or constant"
    if kind is MISSING:
        return Problem("/type", f"is missing: {allowed}")
    hint = did_you_mean(kind, _KINDS) if isinstance(kind, str) else ""
    return Problem("/type", f"must be {allowed}, not {shown(kind)}{hint and '.' + hint}")


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InvalidInput(problems)


def _set(parameter: Parameter, name: str, value: object) -> None:
    object.__setattr__(parameter, name, value)


def _unwrap(parameter: Parameter, *names: str) -> None:
    for name in names:
        _set(parameter, name, plain(getattr(parameter, name)))


def _freeze_when(parameter: Parameter) -> None:
    when = parameter.when
    frozen = {parent: tuple(plain(value) for value in values) for parent, values in when.items()} if when else None
    _set(parameter, "when", frozen)
