"""From a study document to a StudySpec, or to every mistake in it."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from caviar.domain.errors import InvalidInput, InvalidStudy, Problem, pointer
from caviar.domain.field_problems import field_problems
from caviar.domain.json_shape import shape_problems
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


def parse_study(document: object) -> StudySpec:
    """`document` as JSON carries it. Raises InvalidStudy with every mistake, in the order of the document."""
    misshapen = shape_problems(document)
    if not isinstance(document, dict):
        raise InvalidStudy([Problem("", f"must be an object with metric, train and space, not {shown(document)}")])
    declared = document.get("space")
    space, problems = _space(declared, document.get("constraints", ()))
    spec, found = _spec(document, space)
    names = list(declared) if isinstance(declared, dict) else []
    problems += [*found, *study_problems(document, names, space)]
    told = {problem.pointer for problem in misshapen}
    problems = [*misshapen, *(problem for problem in problems if problem.pointer not in told)]
    if problems or spec is None:
        raise InvalidStudy(_in_order(problems, [*document, *StudySpec.model_fields]))
    return spec


def _space(declared: object, constraints: Any) -> tuple[Space | None, list[Problem]]:
    if not isinstance(declared, dict):
        missing = "is missing" if declared is None else f"must be an object, not {shown(declared)}"
        return None, [
            Problem("/space", f"{missing}: such as {{lr: {{type: float, low: 0.0001, high: 1, scale: log}}}}")
        ]
    parameters: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for name, each in declared.items():
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
        return None, [_reworded(problem, document) for problem in field_problems(error)]


def _reworded(problem: Problem, document: Mapping[str, Any]) -> Problem:
    """Where a section may be written as a string, or people try to."""
    if problem.pointer == "/code" and isinstance(document["code"], str):
        return Problem("/code", _CODE_IS_A_PATH)
    if problem.pointer == "/metric/name" and isinstance(document.get("metric"), str):
        return Problem("/metric", problem.detail)
    return problem


def _in_order(problems: list[Problem], sections: list[str]) -> list[Problem]:
    """Each once; what concerns no section comes last."""
    order = {pointer(section): index for index, section in reversed(list(enumerate(sections)))}
    return sorted(
        dict.fromkeys(problems),
        key=lambda problem: order.get("/" + problem.pointer.split("/")[1], len(order)),
    )


_STAND_IN: Final = Space({"stand_in": Choice([0, 1])})
"""Takes the place of a space that has mistakes, while the other sections are looked at."""
