"""Prometheus: a registry of the application's own, few labels, never one per study or trial."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from caviar.domain.states import StudyState, TrialState
from caviar.insights.clusters import alive_agents, resources_alive
from caviar.storage import studies
from caviar.storage.database import Database

BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class Measures:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sync_seconds = Histogram(
            "caviar_sync_seconds", "Time of an agent's sync, without its wait", registry=self.registry, buckets=BUCKETS
        )
        self.events = Counter("caviar_sync_events", "Events that agents sent", registry=self.registry)
        self.parked = Gauge("caviar_parked_syncs", "Syncs that wait for something to do", registry=self.registry)
        self.streams = Gauge("caviar_event_streams", "Open event streams", registry=self.registry)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Stored(Collector):
    """What stands in the database, read at each scrape from kept counters."""

    def __init__(self, database: Database, lease_seconds: float, now: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._database.read() as snapshot:
            by_state = studies.count_by_state(snapshot)
            trials = studies.trials_by_state(snapshot)
            alive = alive_agents(snapshot, self._now, self._lease_seconds)
            resources = resources_alive(snapshot, self._now, self._lease_seconds)
            compute = studies.compute_seconds(snapshot)
        counted = {each.value: by_state.get(each, 0) for each in StudyState}
        yield _labelled("caviar_studies", "Studies by state", "state", counted)
        counted = {each.value: trials.get(each, 0) for each in TrialState}
        yield _labelled("caviar_trials", "Trials by state", "state", counted)
        yield GaugeMetricFamily("caviar_agents_alive", "Agents heard of lately", value=alive)
        yield GaugeMetricFamily("caviar_compute_seconds", "Training time of all trials that ended", value=compute)
        for which, amounts in resources.items():
            text = f"Resources of clusters whose agents are alive, {which}"
            yield _labelled(f"caviar_resources_{which}", text, "kind", amounts)


def stored_text(database: Database, lease_seconds: float, now: float) -> bytes:
    registry = CollectorRegistry()
    registry.register(Stored(database, lease_seconds, now))
    return generate_latest(registry)


def _labelled(name: str, text: str, label: str, amounts: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, amount in amounts.items():
        family.add_metric([value], amount)
    return family
