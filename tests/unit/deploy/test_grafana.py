"""The dashboard for Grafana: every query parses, and asks for nothing that /metrics does not have."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from tests.support import compose

from caviar.api.measures import Measures, stored_text
from caviar.storage.database import Database

FOLDER = Path(__file__).parents[3] / "deploy" / "grafana"
BOARD = json.loads((FOLDER / "dashboards" / "caviar.json").read_text(encoding="utf-8"))
QUERIES = [(panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]]


def selectors(expression: Any) -> Iterator[Any]:
    """The names and matchers that a parsed query reads."""
    if isinstance(expression, promql.VectorSelector):
        yield expression
        return
    for part in ("expr", "lhs", "rhs", "vector_selector", "vs", "param"):
        inner = getattr(expression, part, None)
        if inner is not None:
            yield from selectors(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from selectors(argument)


@pytest.fixture(scope="module")
def samples(sqlite_template: Path) -> dict[str, set[str]]:
    """Names of the samples that /metrics has, with the labels of each."""
    database = Database(f"sqlite:///{sqlite_template}")
    text = (Measures().text() + stored_text(database, 15.0, 0.0)).decode()
    database.close()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_a_panel_s_query_parses_and_names_metrics_that_there_are(
    title: str, query: str, samples: dict[str, set[str]]
) -> None:
    read = list(selectors(promql.parse(query)))
    assert read, title
    for selector in read:
        assert selector.name in samples
        assert {matcher.name for matcher in selector.matchers.matchers} <= samples[selector.name]


def test_no_metric_is_of_one_study_or_trial(samples: dict[str, set[str]]) -> None:
    assert set().union(*samples.values()) <= {"state", "kind", "le"}


def test_panels_do_not_overlap_and_have_numbers_of_their_own() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_every_panel_asks_the_source_that_is_provisioned() -> None:
    sources = yaml.safe_load((FOLDER / "provisioning" / "datasources" / "prometheus.yml").read_text("utf-8"))
    uids = {source["uid"] for source in sources["datasources"]}
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} <= uids


def test_prometheus_asks_the_service_of_the_compose_file() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    (job,) = config["scrape_configs"]
    host, port = job["static_configs"][0]["targets"][0].split(":")
    assert f"{port}:{port}".split(":")[1] == "8700"
    assert host in yaml.safe_load(compose.FILE.read_text("utf-8"))["services"]
    assert job["authorization"]["type"] == "Bearer"
    together = yaml.safe_load((FOLDER / "docker-compose.yml").read_text("utf-8"))
    mounts = [each.split(":")[0] for each in together["services"]["grafana"]["volumes"]]
    assert all((compose.ROOT / mount).exists() for mount in mounts)
