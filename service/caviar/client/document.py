"""A study document from Python's arguments."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, cast

from caviar.domain.errors import InvalidInput, Problem
from caviar.domain.parameters import Choice, Constant, Float, Int, to_document

Train = str | Sequence[str] | Mapping[str, Any] | Callable[..., Any]
Space = Mapping[str, Float | Int | Choice | Constant | Mapping[str, Any]]


class StudyOptions(TypedDict, total=False):
    """The study document's other keys, and shorthands for parts of them (`parallel` for budget.parallel)."""

    name: str
    goal: str
    trials: int
    parallel: int
    seed: int
    search: str | Mapping[str, Any]
    stopping: str | Mapping[str, Any]
    budget: Mapping[str, Any]
    resources: Mapping[str, Any]
    constraints: Sequence[str]
    retries: int
    labels: Mapping[str, str]
    data: Mapping[str, Any]
    retune: Mapping[str, Any]


def study_document(
    train: Mapping[str, Any], space: Space, metric: str | Mapping[str, Any], options: StudyOptions
) -> dict[str, Any]:
    """What `POST /studies` takes. It is checked there; here only what has no form in it is refused."""
    rest = {name: options[name] for name in _PLAIN if name in options}  # type: ignore[literal-required]
    return {
        **rest,
        "metric": _metric(metric, options),
        "train": dict(train),
        "space": {name: _parameter(name, parameter) for name, parameter in space.items()},
        **_part("search", _named(options.get("search"), "strategy"), {"seed": options.get("seed")}),
        **_part("stopping", _named(options.get("stopping"), "rule"), {}),
        **_part("budget", options.get("budget"), {key: options.get(key) for key in ("trials", "parallel")}),
    }


_PLAIN = ("name", "resources", "constraints", "retries", "labels", "data", "retune")


def train_section(train: Train) -> dict[str, Any] | None:
    """None for a Python function, which has to be sent as code first."""
    if isinstance(train, str):
        return {"function" if ":" in train else "builtin": train}
    if isinstance(train, Mapping):
        return dict(train)
    if callable(train):
        return None
    if isinstance(train, Sequence):
        return {"command": list(train)}
    raise InvalidInput((Problem("/train", "takes a function, 'module:function', a command, or the document's form"),))


def _metric(metric: str | Mapping[str, Any], options: StudyOptions) -> dict[str, Any]:
    given = {"name": metric} if isinstance(metric, str) else dict(metric)
    return {"goal": "minimize", **given, **({"goal": options["goal"]} if "goal" in options else {})}


def _parameter(name: str, parameter: Any) -> dict[str, Any]:
    if isinstance(parameter, Float | Int | Choice | Constant):
        return to_document(parameter)
    if isinstance(parameter, Mapping):
        return dict(parameter)
    raise InvalidInput((Problem(f"/space/{name}", "takes Float, Int, Choice, Constant, or the document's form"),))


def _named(value: str | Mapping[str, Any] | None, key: str) -> Mapping[str, Any] | None:
    return {key: value} if isinstance(value, str) else value


def _part(name: str, given: Mapping[str, Any] | None, shorthands: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**(given or {}), **{key: value for key, value in shorthands.items() if value is not None}}
    return cast("dict[str, Any]", {name: whole} if whole else {})
