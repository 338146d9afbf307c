"""The OpenAPI document: FastAPI's, and what holds for all operations: the token, problem documents, bodies that
endpoints read by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from caviar.api.auth import OPEN_PATHS
from caviar.api.models.common import ProblemDocument
from caviar.domain.schema import study_schema
from caviar_workers.protocol import SyncRequest

REF = "#/components/schemas/{model}"
_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": REF.format(model="ProblemDocument")}}}}
_STUDY = {"application/json": {"schema": {"$ref": REF.format(model="StudyDocument")}}}
_SYNC = {"application/json": {"schema": {"$ref": REF.format(model="SyncRequest")}}}
_BODIES = {"create_study": _STUDY, "preview_study": _STUDY, "sync_agent": _SYNC}
_ERRORS = {
    "401": "The token is missing or not known",
    "403": "The token's role does not reach",
    "404": "There is no such thing",
    "409": "Right in itself, but not in this state",
    "413": "The body is too large",
    "422": "Refused, with one entry per mistake",
    "501": "An optional dependency is not installed",
    "503": "Try again in a moment",
}
_BODY_ONLY = {"409", "413", "501"}


def document(app: FastAPI) -> dict[str, Any]:
    """Computed once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _add_components(schema)
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        app.openapi_schema = schema
    return app.openapi_schema


def _add_components(schema: dict[str, Any]) -> None:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, model in (
        ("ProblemDocument", ProblemDocument.model_json_schema(ref_template=REF)),
        ("StudyDocument", study_schema(REF)),
        ("SyncRequest", SyncRequest.model_json_schema(ref_template=REF)),
    ):
        for inner, definition in model.pop("$defs", {}).items():
            schemas.setdefault(inner, definition)
        schemas[name] = model
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    body = _BODIES.get(operation["operationId"])
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    if path in OPEN_PATHS:
        responses["503"] = {"description": _ERRORS["503"], **_PROBLEM}
        return
    operation["security"] = [{"token": []}]
    for status, said in _ERRORS.items():
        if status not in _BODY_ONLY or method != "get":
            responses[status] = {"description": said, **_PROBLEM}
    if any(each["name"].lower() == "if-none-match" for each in operation.get("parameters", ())):
        responses["304"] = {"description": "What is known already still holds"}
