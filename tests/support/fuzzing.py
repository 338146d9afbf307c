"""schemathesis against a service without a network: each case is sent as one of the roles, and looked at."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.parameters import ParameterLocation
from tests.support.api import Api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
STREAMS = ("/events",)
"""Answers without an end."""


def tokens_by_role(api: Api) -> dict[str | None, str | None]:
    """One of each, and none."""
    roles = ("viewer", "submitter", "agent", "admin")
    return {None: None} | {role: api.post("/tokens", {"name": role, "role": role})["secret"] for role in roles}


@dataclass
class Tally:
    """What came of the cases."""

    statuses: Counter[int] = field(default_factory=Counter)
    cases: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, status: int) -> None:
        self.cases += 1
        self.statuses[status] += 1

    def __str__(self) -> str:
        by_status = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.cases:,} cases ({by_status}), {len(self.failures)} failures"


def send(api: Api, case: Any, token: str | None) -> httpx2.Response:
    how = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: value for name, value in how["headers"].items() if name.lower() not in ("authorization", "host")}
    how["headers"] = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
    how["content"] = how.pop("data", None)
    how.pop("cookies", None)
    method, url = how.pop("method"), how.pop("url")
    return api.client.request(method, url, **{name: value for name, value in how.items() if value is not None})


def examine(case: Any, answer: httpx2.Response, role: str | None, tally: Tally) -> None:
    """Raises AssertionError (schemathesis: a group of failures) for what must not be."""
    tally.add(answer.status_code)
    allowed = case.operation.definition.raw["x-caviar-roles"]
    if allowed is not None and role not in allowed:
        assert answer.status_code in (401, 403), f"{role} got {answer.status_code} from {case.operation.label}"
        return
    case.validate_response(answer, checks=[*CHECKS, negative_data_rejection] if _breaks_the_schema(case) else CHECKS)


def _breaks_the_schema(case: Any) -> bool:
    """Its body does (a header may be missing as well, which the sending puts right)."""
    parts = {} if case.meta is None else case.meta.components
    return any(part.mode == GenerationMode.NEGATIVE for where, part in parts.items() if where == ParameterLocation.BODY)


def operations(api: Api) -> Iterator[Any]:
    """All but streams."""
    schema = schemathesis.openapi.from_dict(api.get("/openapi.json"))
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.endswith(STREAMS):
            yield operation


def aim(case: Any, known: Mapping[str, Any]) -> None:
    """At things that there are."""
    if case.method != "DELETE":
        case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
