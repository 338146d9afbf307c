"""What pydantic found, as problems that a person can act on."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from caviar.domain import fields, spec
from caviar.domain.errors import Problem, did_you_mean, pointer
from caviar.domain.values import number_problem, shown, whole_problem

_Path = tuple[int | str, ...]

_PATTERNS: Final[Mapping[str, str]] = {
    fields.STUDY_NAME: "must be a letter first, then letters, digits, _ . and -",
    fields.METRIC_NAME: "must be a letter or _ first, then letters, digits and _ . / @ : -",
    fields.FUNCTION: "must be module:function, such as train:main",
    fields.BUNDLE: "must be sha256: and the 64 hexadecimal digits of an uploaded bundle",
    fields.RESOURCE: "must be a letter first, then letters, digits, _ . : and -",
}

_EXAMPLES: Final[Mapping[_Path, str]] = {
    ("metric",): "{name: val_error, goal: minimize}",
    ("train",): "{function: train:main}",
    ("code",): '{bundle: "sha256:..."}',
    ("search",): "{strategy: coarse_to_fine}",
    ("stopping",): "{rule: asha}",
    ("budget",): "{trials: 100}",
    ("resources",): "{cpus: 1}",
    ("resources", "custom"): "{a100: 1}",
    ("train", "command"): "[python, train.py]",
    ("train", "options"): "{epochs: 20}",
    ("search", "initial"): "[{learning_rate: 0.1}]",
    ("search", "points"): "{learning_rate: 20}",
    ("labels",): "{team: vision}",
}


def field_problems(error: ValidationError) -> Iterator[Problem]:
    """`error` is one of StudySpec's."""
    for each in error.errors(include_url=False):
        path = tuple(step for step in each["loc"] if step != "[key]")
        if detail := _sentence(each, path):
            yield Problem(pointer(*path), detail)


def _sentence(error: ErrorDetails, path: _Path) -> str | None:
    """None: the mistake is a consequence of another that is told."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind in _ABSENCES:
        return _ABSENCES[kind](path)
    if kind in _BOUNDS:
        return _BOUNDS[kind](context, value)
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}{_such_as(path)}, not {shown(value)}"
    return f"is not right: {error['msg']}"


def _such_as(path: _Path) -> str:
    return f" such as {_EXAMPLES[path]}" if path in _EXAMPLES else ""


def _literal(expected: str, value: Any) -> str:
    allowed = re.findall(r"'([^']*)'", expected)
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    return f"must be {', '.join(allowed[:-1])} or {allowed[-1]}, not {shown(value)}" + (f".{hint}" if hint else "")


def _hint(path: _Path) -> str:
    """A key that stands in the wrong place is shown the right one."""
    *parents, name = path
    model = spec.StudySpec
    known = [*_section(model, tuple(parents)).model_fields, *([] if parents else ["constraints"])]
    homes = [section for section in model.model_fields if name in _section(model, (section,)).model_fields]
    if homes and [*parents] != homes[:1]:
        return f' Did you mean "{homes[0]}.{name}"?'
    return did_you_mean(str(name), known)


def _section(model: type[BaseModel], path: _Path) -> type[BaseModel]:
    """The model at a path; one without fields where there is none."""
    for step in path:
        annotation = model.model_fields[str(step)].annotation if str(step) in model.model_fields else None
        kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
        model = next((kind for kind in kinds if issubclass(kind, BaseModel)), BaseModel)
    return model


_ABSENCES: Final[Mapping[str, Callable[[_Path], str]]] = {
    "missing": lambda path: f"is missing:{such}" if (such := _such_as(path)) else "is missing",
    "extra_forbidden": lambda path: f"is not known here.{_hint(path)}",
}
_KINDS: Final[Mapping[str, str]] = {
    "string_type": "a string",
    "bool_type": "true or false",
    "model_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
}
_BOUNDS: Final[Mapping[str, Callable[[Mapping[str, Any], Any], str | None]]] = {
    "value_error": lambda context, _: str(context["error"]),
    "float_type": lambda _, value: number_problem(value) or f"must be a number, not {shown(value)}",
    "finite_number": lambda _, value: number_problem(value),
    "int_type": lambda _, value: whole_problem(value) or f"must be a whole number, not {shown(value)}",
    "greater_than": lambda context, value: f"must be above {context['gt']:,.15g}, not {shown(value)}",
    "greater_than_equal": lambda context, value: f"must be at least {context['ge']:,.15g}, not {shown(value)}",
    "less_than_equal": lambda context, value: f"must be at most {context['le']:,.15g}, not {shown(value)}",
    "string_too_long": lambda context, _: f"is longer than {context['max_length']:,} characters",
    "string_too_short": lambda _, __: "must not be empty",
    "string_pattern_mismatch": lambda context, value: f"{_PATTERNS[context['pattern']]}, not {shown(value)}",
    "literal_error": lambda context, value: _literal(context["expected"], value),
    "too_long": lambda context, value: f"must have at most {context['max_length']:,} entries, not {len(value):,}",
    # Also said of a list whose items are wrong, and told as theirs.
    "too_short": lambda _, value: None if value else "must not be empty",
}
