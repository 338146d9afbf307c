"""The OpenAPI document is complete, and the service keeps to it."""

import contextlib
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy, booleans
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.api import ADMIN, AGENT_ID, Agent, Api, running

from caviar.storage.database import Database


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, each) for path, methods in schema["paths"].items() for method, each in methods.items()]


def test_every_operation_is_named_and_tells_its_errors(api: Api) -> None:
    schema = api.get("/openapi.json")
    found = operations(schema)
    names = [each["operationId"] for _, _, each in found]
    assert len(set(names)) == len(names) > 25
    for _, _, each in found:
        assert {"503"} <= set(each["responses"])
        if each["x-caviar-roles"] is not None:
            assert {"401", "403", "404", "422"} <= set(each["responses"])
            assert each["security"] == [{"token": []}]
    described = {route.path for route in api.client.app.routes if route.include_in_schema}
    assert {path for path, _, _ in found} == described


def test_every_reference_leads_somewhere(api: Api) -> None:
    schema = api.get("/openapi.json")

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [
                *([node["$ref"]] if "$ref" in node else []),
                *(r for each in node.values() for r in references(each)),
            ]
        return [r for each in node for r in references(each)] if isinstance(node, list) else []

    for reference in references(schema):
        node = schema
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_answers_are_as_described_field_by_field(api: Api, agent: Agent) -> None:
    schema = api.get("/openapi.json")
    api.submit(search={"strategy": "coarse_to_fine", "seed": 1}, budget={"trials": 40})
    agent.run(30)
    trial = api.get("/studies/digits/trials/0")["id"]
    agent.sync([agent.event(agent.queue[0], "started")])
    for path, template in {
        "/studies": "/studies",
        "/studies/digits": "/studies/{study}",
        "/studies/digits/ranking": "/studies/{study}/ranking",
        "/studies/digits/rounds": "/studies/{study}/rounds",
        "/studies/digits/figures/history": "/studies/{study}/figures/{kind}",
        "/studies/digits/importance": "/studies/{study}/importance",
        "/studies/digits/inherited": "/studies/{study}/inherited",
        "/studies/digits/lineage": "/studies/{study}/lineage",
        "/studies/digits/forecast": "/studies/{study}/forecast",
        "/studies/digits/health": "/studies/{study}/health",
        "/studies/digits/leaderboard": "/studies/{study}/leaderboard",
        "/studies/digits/trials": "/studies/{study}/trials",
        "/studies/digits/trials/3": "/studies/{study}/trials/{number}",
        f"/trials/{trial}": "/trials/{trial}",
        f"/trials/{trial}/metrics": "/trials/{trial}/metrics",
        f"/trials/{trial}/attempts": "/trials/{trial}/attempts",
        "/agents": "/agents",
        f"/agents/{AGENT_ID}": "/agents/{agent}",
        "/tokens": "/tokens",
        "/meta": "/meta",
    }.items():
        described = schema["paths"][f"/api/v1{template}"]["get"]["responses"]["200"]["content"]["application/json"]
        closed = {**described["schema"], "components": closed_components(schema)}
        jsonschema.validate(api.get(path), closed)


def closed_components(schema: dict[str, Any]) -> dict[str, Any]:
    """In which no object may have a field that is not described."""
    schemas = {
        name: {"additionalProperties": False, **each} if "properties" in each else each
        for name, each in schema["components"]["schemas"].items()
    }
    return {"schemas": schemas}


FUZZED = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/zip")
def _as_it_is(_: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


STREAM = "/api/v1/studies/{study}/events"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_the_service_keeps_to_its_description_whatever_it_is_sent(
    database: Database, tmp_path: Path, mode: GenerationMode
) -> None:
    with running(database, tmp_path / "data", longest_wait_seconds=0.01, longest_park_seconds=0.01) as api:
        api.submit(train={"external": True})
        trial = api.post("/studies/digits/ask", {})["items"][0]["id"]
        known = {"study": "digits", "trial": trial, "agent": AGENT_ID, "number": 0}
        schema = schemathesis.openapi.from_dict(api.get("/openapi.json"))
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.path != STREAM:
                fuzz(api, operation.as_strategy(mode), known)


def fuzz(api: Api, cases: SearchStrategy[Any], known: dict[str, Any]) -> None:
    """Half of the requests go to things that there are."""

    @FUZZED
    @given(cases, booleans())
    def check(case: Any, aimed: bool) -> None:
        if aimed and case.method != "DELETE":
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        with contextlib.suppress(httpx2.InvalidURL):  # so long that no client sends it
            case.validate_response(send(api, case), checks=CHECKS)

    with contextlib.suppress(Unsatisfiable):  # an operation without parameters can't be called wrongly
        check()


def send(api: Api, case: Any) -> httpx2.Response:
    how = case.as_transport_kwargs(base_url="http://testserver")
    how["headers"] = {**how["headers"], "Authorization": f"Bearer {ADMIN}"}
    how["content"] = how.pop("data", None)
    how.pop("cookies", None)
    return api.client.request(how.pop("method"), how.pop("url"), **{k: v for k, v in how.items() if v is not None})
