"""Clusters, bundles, tokens, the preview, and the service itself."""

from typing import Annotated, Any, Literal

from pydantic import Field

from caviar.api.models.common import Answer, Asked, Moment, Params


class Resources(Answer):
    cpus: float
    gpus: float
    memory_mb: float
    custom: dict[str, float]


class Node(Answer):
    id: str
    host: str
    total: Resources
    free: Resources


class Agent(Answer):
    """`alive`: heard of within two lease times. `leased` trials wait on the cluster, `running` ones run."""

    id: str
    alive: bool
    left: bool
    first_seen_at: Moment
    last_seen_at: Moment
    nodes: list[Node]
    total: Resources
    free: Resources
    pending_slots: int
    running: int
    leased: int


class InHand(Answer):
    trial: str
    number: int
    study: str
    study_name: str
    state: str
    node: str | None
    since: Moment


class AgentDetail(Agent):
    trials: list[InHand]


class Agents(Answer):
    items: list[Agent]
    next_page_token: None = None


class BundleDigest(Answer):
    digest: str
    size: int


class Histogram(Answer):
    """`kind` numbers: `counts` between `edges`, in bins of equal width on `scale`; labels: `counts` of `labels`, and
    how many `more` there are. `active`: the share of configurations that have the parameter."""

    kind: Literal["numbers", "labels"]
    active: float
    counts: list[int]
    scale: str | None = None
    edges: list[float] | None = None
    labels: list[str] | None = None
    more: int | None = None


class Advice(Answer):
    pointer: str
    code: str
    detail: str


class TierPlace(Answer):
    """`tier` null: not searched, `default` for good; else the value until the tier opens."""

    parameter: str
    tier: int | None
    default: bool | int | float | str | None
    why: str


class Preview(Answer):
    """`cardinality` null: infinitely many configurations, or too entangled to count. `tiers`: empty without them."""

    strategy: str
    configurations: list[Params]
    histograms: dict[str, Histogram]
    cardinality: int | None
    tiers: list[TierPlace]
    warnings: list[Advice]


class DocumentText(Asked):
    """What stands in a study's file, and what its name would end with."""

    text: Annotated[str, Field(max_length=1_000_000)]
    format: Literal["yaml", "toml", "json"] = "yaml"


class DocumentRead(Answer):
    document: dict[str, Any]


class Meta(Answer):
    """`plotly`: where plotly.js is served; null where it is not installed."""

    version: str
    api: str
    protocol: int
    database: Literal["sqlite", "postgresql"]
    schema_revision: str | None
    strategies: list[str]
    plotly: str | None


class Status(Answer):
    status: str
