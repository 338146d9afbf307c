"""The OpenAPI document: FastAPI's, and what holds for all operations: the token, problem documents, bodies that
endpoints read by themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from caviar.api.models.common import ProblemDocument
from caviar.api.roles import Roles
from caviar.api.routes import GuardedRoute
from caviar.domain.schema import study_schema
from caviar_workers.protocol import SyncRequest

ROLES = "x-caviar-roles"
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
    "421": "A Host that is not the service's",
    "422": "Refused, with one entry per mistake",
    "429": "Too often: again after Retry-After",
    "501": "An optional dependency is not installed",
    "503": "Try again in a moment",
    "507": "The disk of the database is full",
}
_BODY_ONLY = {"409", "413", "501"}


def document(app: FastAPI) -> dict[str, Any]:
    """Computed once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _add_components(schema)
        roles = {route.unique_id: route.roles for route in app.routes if isinstance(route, GuardedRoute)}
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation, roles[operation["operationId"]])
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


def _complete(method: str, operation: dict[str, Any], roles: Roles | None) -> None:
    """`x-caviar-roles` says who may call it."""
    operation[ROLES] = None if roles is None else sorted(roles)
    responses = operation["responses"]
    responses.pop("422", None)
    body = _BODIES.get(operation["operationId"])
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    if roles is not None:
        operation["security"] = [{"token": []}]
    for status, said in _ERRORS.items():
        needs_body = status in _BODY_ONLY or (roles is None and status != "503")
        if method != "get" or not needs_body or status in responses:
            responses[status] = {"description": said, **_PROBLEM}
    if any(each["name"].lower() == "if-none-match" for each in operation.get("parameters", ())):
        responses["304"] = {"description": "What is known already still holds"}
