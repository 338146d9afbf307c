"""The wire between an agent and the service: one POST, `/api/v1/agents/{agent}/sync`.

What may be repeated, and what may be lost
------------------------------------------
* An agent has one sync with events under way at a time. When its answer is lost it sends the same events again (the
  same or a higher `number`): the service applies an event once, by `(attempt, seq)`.
* `number` rises with every request of one `incarnation` of the agent (a process life; incarnations sort by their
  start as text). A request that is not above the last (incarnation, number) seen is answered `superseded` and does
  nothing.
* `received` is the highest number whose answer the agent has acted upon. An assignment that left in an answer up to
  `received`, is not in `held` and has no event was lost on the way: it is assigned again, the same attempt, to the same
  incarnation only. Another incarnation first asks its slots what they hold; what they don't is left to its lease.
* `held` renews leases. An attempt that is not in it keeps its old expiry, and is lost when that has passed.
* A request with `wait` above 0 carries no events and may be parked until there is something to do; the answer of a
  parked request never carries assignments: the agent syncs again. A newer request of the agent releases a parked one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PROTOCOL_VERSION = 1
MAX_EVENTS = 5_000
"""Events of one sync at most; an agent with more sends them in several."""

Whole = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""What every reader of JSON and every database holds."""
Moment = Annotated[float, Field(ge=0.0, le=32_503_680_000.0)]
"""Seconds since the epoch, up to the year 3000."""
Name = Annotated[str, Field(max_length=200)]

Number = float | Literal["NaN", "Infinity", "-Infinity"]
"""A metric's value as JSON carries it."""


class Wire(BaseModel):
    """What crosses the wire: frozen, and tolerant of fields that a newer peer adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Resources(Wire):
    """What one slot takes, or what a node has. Fractions of CPUs and GPUs are allowed."""

    cpus: float = 0.0
    gpus: float = 0.0
    memory_mb: float = 0.0
    custom: dict[str, float] = Field(default_factory=dict)


class Node(Wire):
    """A node of the Ray cluster; `total` is what Caviar may use of it."""

    id: str
    host: str
    total: Resources
    free: Resources


class FailureCode(StrEnum):
    """Why an attempt ended without a result; stable, for programs. Who retries stands in the service."""

    EXIT = "exit_code"
    SIGNAL = "signal"
    OOM = "oom"
    TIMEOUT = "timeout"
    IMPORT = "import_error"
    EXCEPTION = "exception"
    METRIC_MISSING = "metrics_unavailable"
    BUNDLE = "bundle_error"
    SLOT_LOST = "slot_lost"
    PLACEMENT = "placement"


class Started(Wire):
    """The training code was begun (or handed to a running child). `pid` is the child's."""

    kind: Literal["started"] = "started"
    attempt: str
    seq: Whole
    at: Moment
    node: Name = ""
    pid: Whole = 0
    surroundings: dict[str, Any] | None = None
    """Python, packages and hardware, with the first start of a study on a slot, once they are known."""


class Report(Wire):
    """Metrics of one step. `at` is the node's clock, seconds since the epoch, for people only."""

    kind: Literal["report"] = "report"
    attempt: str
    seq: Whole
    at: Moment
    step: float
    metrics: dict[str, Number]


class Log(Wire):
    """A piece of the trial's stdout and stderr, in order; at most 64 KiB of text. `skipped` bytes went before it."""

    kind: Literal["log"] = "log"
    attempt: str
    seq: Whole
    at: Moment
    text: str
    skipped: Whole = 0


class Checkpoint(Wire):
    """The state after `step` is stored under `uri`, `size` bytes; `digest` tells whether what lies there is whole."""

    kind: Literal["checkpoint"] = "checkpoint"
    attempt: str
    seq: Whole
    at: Moment
    step: float
    uri: str
    size: Whole
    digest: Annotated[str, Field(max_length=80)]


class Nudged(Wire):
    """The parameters of nudge `nudge` are in force: all steps up to `step` were made with the old ones."""

    kind: Literal["nudged"] = "nudged"
    attempt: str
    seq: Whole
    at: Moment
    nudge: str
    step: float


class Finished(Wire):
    """The code returned. `metrics` are its final metrics (may be empty: then the last report counts). `memory_mb`, here
    and in the other ends, is the attempt's peak (MiB); 0: it was not limited, or not measured."""

    kind: Literal["finished"] = "finished"
    attempt: str
    seq: Whole
    at: Moment
    metrics: dict[str, Number] = Field(default_factory=dict)
    seconds: float = 0.0
    memory_mb: float = 0.0


class Stopped(Wire):
    """The code ended because it was told to (or had to be killed for not ending: `killed`)."""

    kind: Literal["stopped"] = "stopped"
    attempt: str
    seq: Whole
    at: Moment
    seconds: float = 0.0
    killed: bool = False
    memory_mb: float = 0.0


class Failed(Wire):
    """The attempt died. `infrastructure` is true when the user's code is not to blame (a lost node or slot)."""

    kind: Literal["failed"] = "failed"
    attempt: str
    seq: Whole
    at: Moment
    code: FailureCode
    message: str
    seconds: float = 0.0
    infrastructure: bool = False
    memory_mb: float = 0.0


class Returned(Wire):
    """The attempt was handed back without having been started."""

    kind: Literal["returned"] = "returned"
    attempt: str
    seq: Whole
    at: Moment


Event = Annotated[
    Started | Report | Log | Checkpoint | Nudged | Finished | Stopped | Failed | Returned, Field(discriminator="kind")
]


class Removed(Wire):
    """What became of an order to remove a checkpoint; `problem` where it could not be done."""

    id: str
    problem: str | None = None


class SyncRequest(Wire):
    protocol: int = PROTOCOL_VERSION
    incarnation: Annotated[str, Field(max_length=64)]
    number: Whole
    received: Whole = 0
    wait: float = 0.0
    nodes: tuple[Node, ...] = ()
    pending_slots: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """How many slots beyond what fits may be asked of an autoscaling cluster; 0 where nothing scales."""
    held: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    store: str = ""
    """The URL of the store that this agent's slots keep checkpoints in."""
    removed: tuple[Removed, ...] = ()
    """Checkpoints that are gone since the last answer."""
    leaving: bool = False
    """The agent is going for good and has killed its slots: what it held is lost at once."""


class Train(Wire):
    """How to train, the same for all trials of a study. Exactly one of function, command, builtin is set."""

    function: str | None = None
    command: tuple[str, ...] | None = None
    builtin: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    bundle: str | None = None
    """`sha256:...` of the code, fetched from `/api/v1/bundles/{digest}`."""
    metric: str
    """The objective's name: an attempt that ends without it has failed with `metrics_unavailable`."""
    resources: Resources
    trial_seconds: float | None = None
    silence_seconds: float | None = None
    """An attempt that reports nothing for so long hangs, and dies of `timeout`."""
    grace_seconds: float = 10.0


class Resume(Wire):
    """A checkpoint to go on from."""

    uri: str
    step: float
    digest: str


class Assignment(Wire):
    """One attempt to run. `study` names an entry of the answer's `studies`."""

    attempt: str
    trial: str
    study: str
    number: int
    attempt_number: int
    params: dict[str, Any]
    checkpoints: tuple[Resume, ...] = ()
    """To go on from, the newest first: the first that is whole is used."""


class StudyWork(Wire):
    """What all assignments of a study share. `seconds`: how long its trials last (None: unknown), to size batches."""

    train: Train
    name: str
    seconds: float | None = None
    slots: int | None = None
    """In how many slots of this agent the study's trials may run at once (None: in as many as fit)."""


class Command(Wire):
    """An order about an attempt the agent holds. Repeated until its effect is seen; obeying twice is harmless."""

    attempt: str
    action: Literal["stop", "pause", "nudge", "return", "forget"]
    """stop: end it. pause: end it between two steps, after a checkpoint where it makes them. nudge: give it `params`
    between two steps. return: hand it back unless it has started. forget: it is no longer yours; kill it, say nothing.
    pause and nudge are not repeated to an agent that has heard them."""
    grace_seconds: float | None = None
    nudge: str | None = None
    params: dict[str, Any] | None = None
    """All parameters that are to be in force."""


class Removal(Wire):
    """A checkpoint to remove from the agent's store. Repeated until it is among `removed`."""

    id: str
    uri: str


class SyncResponse(Wire):
    number: int
    superseded: bool = False
    studies: dict[str, StudyWork] = Field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    commands: tuple[Command, ...] = ()
    removals: tuple[Removal, ...] = ()
    lease_seconds: float = 60.0
