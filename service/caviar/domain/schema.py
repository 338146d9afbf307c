"""The JSON Schema of a study document, for OpenAPI and editors. What it allows, `parse_study` may still refuse."""

from typing import Any, Final

from caviar.domain.rules import MAX_TIER, MAX_VALUES
from caviar.domain.space_rules import MAX_CONSTRAINTS, MAX_PARAMETERS
from caviar.domain.spec import StudySpec
from caviar.domain.values import SCALES

_VALUE: Final = {"type": ["string", "number", "boolean", "null"]}
_WHEN: Final = {"type": ["object", "null"], "additionalProperties": {"type": "array", "items": _VALUE, "minItems": 1}}
_SHARED: Final = {"when": _WHEN, "tier": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_TIER}}


def study_schema(ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """Sections stand under "$defs"; `ref_template` says where the reader will find them."""
    schema = StudySpec.model_json_schema(ref_template=ref_template)
    properties = schema["properties"]
    properties["metric"] = {"anyOf": [properties["metric"], {"type": "string", "description": "its name; minimize"}]}
    properties["space"] = _space()
    properties["constraints"] = {"type": "array", "items": {"type": "string"}, "maxItems": MAX_CONSTRAINTS}
    return schema


def _space() -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": MAX_PARAMETERS,
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_.]*$"},
        "additionalProperties": {
            "oneOf": [_range("float", "number"), _range("int", "integer"), _choice(), _constant()]
        },
    }


def _range(kind: str, number: str) -> dict[str, Any]:
    scale = {"enum": [scale for scale in SCALES if kind == "float" or scale != "one_minus_log"]}
    step = {"type": [number, "null"], "exclusiveMinimum": 0}
    return _parameter(
        kind,
        {"low": {"type": number}, "high": {"type": number}},
        {"scale": scale, "step": step, "default": {"type": [number, "null"]}},
    )


def _choice() -> dict[str, Any]:
    values = {"type": "array", "items": _VALUE, "minItems": 1, "maxItems": MAX_VALUES}
    return _parameter("choice", {"values": values}, {"ordered": {"type": "boolean"}, "default": _VALUE})


def _constant() -> dict[str, Any]:
    return _parameter("constant", {"value": _VALUE}, {})


def _parameter(kind: str, required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": kind,
        "properties": {"type": {"const": kind}, **required, **optional, **_SHARED},
        "required": ["type", *required],
        "additionalProperties": False,
    }
