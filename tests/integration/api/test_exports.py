"""Exports: all trials of a filter, as a stream."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.support.api import Agent, Api

from caviar.insights.export import parquet, selection


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "CHUNK", 3)
    monkeypatch.setattr(parquet, "ROW_GROUP", 4)


@pytest.fixture
def study(api: Api, agent: Agent) -> list[dict[str, Any]]:
    """Ten trials of a study, nine of them ended, as the service answers them."""
    api.submit(
        space={
            "lr": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
            "optimizer": {"type": "choice", "values": ["=sgd()", "adam"]},
            "momentum": {"type": "float", "low": -1.0, "high": 0.0, "when": {"optimizer": ["adam"]}},
            "mixed": {"type": "choice", "values": [1, "two", None]},
            "nesterov": {"type": "choice", "values": [True, False]},
        },
        budget={"trials": 10},
    )
    agent.run(9)
    return api.get("/studies/digits/trials", page_size=500)["items"]


def exported(api: Api, form: str, **asked: Any) -> bytes:
    answer = api.call("GET", "/studies/digits/trials/export", params={"format": form, **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="digits.{form}"'
    return answer.content


def test_json_and_json_lines_hold_the_documents_of_the_trials(api: Api, study: list[dict[str, Any]]) -> None:
    assert json.loads(exported(api, "json")) == study
    assert [json.loads(line) for line in exported(api, "jsonl").splitlines()] == study


def test_csv_has_a_column_a_parameter_and_no_formula(api: Api, study: list[dict[str, Any]]) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(api, "csv").decode(), newline="")))
    assert [int(row["number"]) for row in rows] == [trial["number"] for trial in study]
    for row, trial in zip(rows, study, strict=True):
        params = trial["params"]
        assert float(row["params.lr"]) == params["lr"]
        assert row["params.optimizer"] == ("'=sgd()" if params["optimizer"] == "=sgd()" else "adam")
        assert row["params.momentum"] == (str(params["momentum"]) if "momentum" in params else "")
        assert row["params.nesterov"] == ("true" if params["nesterov"] else "false")
        assert row["value"] == ("" if trial["value"] is None else str(trial["value"]))


def test_parquet_has_types(api: Api, study: list[dict[str, Any]]) -> None:
    table = pq.read_table(io.BytesIO(exported(api, "parquet")))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["params.lr"] == "double"
    assert types["params.nesterov"] == "bool"
    assert types["params.mixed"] == "string"
    assert types["created_at"] == "timestamp[us, tz=UTC]"
    rows = table.to_pylist()
    assert [row["value"] for row in rows] == [trial["value"] for trial in study]
    assert [row["params.momentum"] for row in rows] == [trial["params"].get("momentum") for trial in study]
    known = [trial["params"]["mixed"] for trial in study]
    assert [None if row["params.mixed"] is None else json.loads(row["params.mixed"]) for row in rows] == known


@pytest.mark.parametrize("form", ["json", "csv", "jsonl", "parquet"])
def test_an_export_follows_filter_state_and_order(api: Api, study: list[dict[str, Any]], form: str) -> None:
    asked = {"filter": "value >= 2", "state": "completed", "order_by": "-value"}
    wanted = [t["number"] for t in api.get("/studies/digits/trials", page_size=500, **asked)["items"]]
    content = exported(api, form, **asked)
    match form:
        case "json":
            found = [row["number"] for row in json.loads(content)]
        case "jsonl":
            found = [json.loads(line)["number"] for line in content.splitlines()]
        case "csv":
            found = [int(row["number"]) for row in csv.DictReader(io.StringIO(content.decode()))]
        case _:
            found = pq.read_table(io.BytesIO(content)).column("number").to_pylist()
    assert found == wanted == [8, 7, 6, 5, 4, 3, 2]


@pytest.mark.parametrize(("form", "nothing"), [("json", b"[]\n"), ("jsonl", b"")])
def test_nothing_is_exported_as_nothing(api: Api, study: list[dict[str, Any]], form: str, nothing: bytes) -> None:
    assert exported(api, form, filter="value > 1e9") == nothing
    assert pq.read_table(io.BytesIO(exported(api, "parquet", filter="value > 1e9"))).num_rows == 0


def test_parameters_of_an_older_space_have_their_columns(api: Api, study: list[dict[str, Any]]) -> None:
    change = {"space": {"momentum": None, "depth": {"type": "int", "low": 1, "high": 4}}}
    assert api.call("PATCH", "/studies/digits/space", json=change).status_code == 200
    assert api.call("POST", "/studies/digits/extend", json={"trials": 12}).status_code == 200
    table = pq.read_table(io.BytesIO(exported(api, "parquet")))
    assert {"params.momentum", "params.depth"} <= set(table.column_names)


def test_a_filter_that_does_not_parse_is_refused_before_anything_is_sent(api: Api, study: list[dict[str, Any]]) -> None:
    problem = api.refused("GET", "/studies/digits/trials/export", params={"filter": "value >"})
    assert problem["errors"][0]["pointer"] == "/filter"


def test_an_export_breaks_off_when_its_study_is_purged(api: Api, study: list[dict[str, Any]]) -> None:
    with api.service.read() as snapshot:
        row = snapshot.connection.exec_driver_sql("SELECT id FROM studies").one()
    chosen = selection.Selection(str(row[0]), [0, 1, 99], {}, api.service.read)
    with pytest.raises(Exception, match="deleted while it was exported"):
        list(chosen.chunks())
