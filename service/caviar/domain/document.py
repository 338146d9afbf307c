"""From a study document to a StudySpec, or to every mistake in it."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from caviar.domain.errors import InvalidInput, InvalidStudy, Problem, pointer
from caviar.domain.field_problems import field_problems
from caviar.domain.json_shape import MAX_PROBLEMS, in_order, shape_problems
from caviar.domain.loading import load_document
from caviar.domain.parameters import Choice, Parameter, from_document
from caviar.domain.space import Space
from caviar.domain.space_rules import constraint_problems, parameter_problems
from caviar.domain.spec import StudySpec
from caviar.domain.study_rules import study_problems
from caviar.domain.values import shown

__all__ = ["load_document", "parse_study"]

_CODE_IS_A_PATH: Final = (
    'must be {bundle: "sha256:..."}, not a path: `caviar submit` and `caviar run` upload a folder and write the digest '
    "here; over REST, POST the zip to /api/v1/bundles first"
)
_EXAMPLE: Final = "such as {lr: {type: float, low: 0.0001, high: 1, scale: log}}"


def parse_study(document: object) -> StudySpec:
    """`document` as JSON carries it. Raises InvalidStudy with every mistake, in the order of the document."""
    misshapen = shape_problems(document)
    if not isinstance(document, dict):
        raise InvalidStudy([Problem("", f"must be an object with metric, train and space, not {shown(document)}")])
    declared = document.get("space")
    space, in_space = _space(declared, document.get("constraints", ()))
    spec, problems = _spec(document, space)
    names = list(declared) if isinstance(declared, dict) else []
    problems += [*in_space, *islice(study_problems(document, names, space), MAX_PROBLEMS)]
    told = {problem.pointer for problem in misshapen}
    problems = [*misshapen, *(problem for problem in problems if problem.pointer not in told)]
    if problems or spec is None:
        raise InvalidStudy(in_order(problems, document)[:MAX_PROBLEMS])
    return spec


def _space(declared: object, constraints: Any) -> tuple[Space | None, list[Problem]]:
    if not isinstance(declared, dict):
        detail = (
            f"is missing: {_EXAMPLE}" if declared is None else f"must be an object {_EXAMPLE}, not {shown(declared)}"
        )
        return None, [Problem("/space", detail)]
    parameters: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for name, each in declared.items():
        if len(problems) >= MAX_PROBLEMS:
            break
        try:
            parameters[name] = from_document(each)
        except InvalidInput as error:
            problems += [problem.under(pointer("space", name)) for problem in error.errors]
    if not problems:
        try:
            return Space(parameters, constraints), []
        except InvalidInput:
            pass  # its pointers can't tell a parameter called "constraints" from the constraints
    broken = declared.keys() - parameters.keys()
    problems += [problem.under("/space") for problem in parameter_problems(parameters, broken)]
    problems += [problem.under("/constraints") for problem in constraint_problems(parameters, constraints, broken)]
    return None, problems


def _spec(document: Mapping[str, Any], space: Space | None) -> tuple[StudySpec | None, list[Problem]]:
    sections = {key: value for key, value in document.items() if key != "constraints"}
    sections["space"] = _STAND_IN if space is None else space
    if isinstance(sections.get("metric"), str):
        sections["metric"] = {"name": sections["metric"]}
    try:
        return StudySpec.model_validate(sections), []
    except ValidationError as error:
        return None, [_reworded(problem, document) for problem in islice(field_problems(error), MAX_PROBLEMS)]


def _reworded(problem: Problem, document: Mapping[str, Any]) -> Problem:
    """Where a section may be written as a string, or people try to."""
    if problem.pointer == "/code" and isinstance(document["code"], str):
        return Problem("/code", _CODE_IS_A_PATH)
    if problem.pointer == "/metric/name" and isinstance(document.get("metric"), str):
        return Problem("/metric", problem.detail)
    return problem


_STAND_IN: Final = Space({"stand_in": Choice([0, 1])})
"""Takes the place of a space that has mistakes, while the other sections are looked at."""
