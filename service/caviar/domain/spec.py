"""A study as it was asked for. `document.parse_study` makes it from a document and checks the sections against each
other; a section by itself can't be constructed wrong."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from caviar.domain.fields import (
    BUNDLE,
    FUNCTION,
    MAX_TRIALS,
    METRIC_NAME,
    STUDY_NAME,
    Amount,
    Argument,
    Count,
    Custom,
    Factor,
    Label,
    Memory,
    Points,
    Seconds,
    Section,
    Some,
    clean,
    reserved,
    whole_devices,
)
from caviar.domain.schedule import MAX_RULES, ScheduleRule
from caviar.domain.space import Space
from caviar.domain.values import MAX_INT

Goal = Literal["minimize", "maximize"]
Strategy = Literal["coarse_to_fine", "random", "grid", "sobol", "tpe", "gp", "cmaes", "pbt"]
Rule = Literal["none", "asha", "hyperband", "median"]
Mode = Literal["stopping", "promotion"]
Builtin = Literal["mlp", "sklearn"]

WHOLE: Final = ("grid", "cmaes", "pbt")
"""Strategies that can't take one tier of parameters after another."""


class Metric(Section):
    """What is optimised: `name` is the one that training reports."""

    name: Annotated[str, Field(pattern=METRIC_NAME, max_length=200), AfterValidator(reserved)]
    goal: Goal = "minimize"


class Train(Section):
    """Exactly one of the four ways; `options` go to the training code as they are."""

    function: Annotated[str, Field(pattern=FUNCTION, max_length=500)] | None = None
    command: Annotated[tuple[Argument, ...], Strict(strict=False), Field(min_length=1, max_length=1_000)] | None = None
    builtin: Builtin | None = None
    external: bool = False
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("command")
    @classmethod
    def _names_a_program(cls, command: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if command and not command[0].strip():
            raise ValueError("must begin with the program to start")
        return command

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if problem := train_problem(dict(self)):
            raise ValueError(problem)
        return self

    def to_document(self) -> dict[str, Any]:
        """Only what was given: the other three ways are left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Code(Section):
    """`bundle` is the digest under which the service keeps the code."""

    bundle: Annotated[str, Field(pattern=BUNDLE)]


class LearnFrom(Section):
    """Studies (names or ids) whose best results say where to begin; `whole` is the share of the first trials that is
    held back for the whole space."""

    studies: Annotated[tuple[Label, ...], Strict(strict=False), Field(min_length=1, max_length=20)]
    whole: Annotated[float, Field(ge=0, le=1)] = 0.25


class Data(Section):
    """What the trials are trained on: a version that people give, or a path that the client reads and writes the
    digest of."""

    version: Label | None = None
    path: Label | None = None
    digest: Annotated[str, Field(pattern=BUNDLE)] | None = None


class Retune(Section):
    """When the result is looked at again, by itself: at the times of `cron` (UTC). The canary runs the `best`
    configurations `repeats` times, some `neighbours` of the first and some `controls`."""

    cron: Annotated[str, Field(max_length=200)] | None = None
    best: Annotated[int, Field(ge=1, le=20)] = 3
    neighbours: Annotated[int, Field(ge=0, le=50)] = 4
    controls: Annotated[int, Field(ge=3, le=50)] = 6
    repeats: Annotated[int, Field(ge=2, le=20)] = 3


class PbtSpec(Section):
    """Population based training (Jaderberg et al. 2017); the population is the study's trials.

    After every `ready` steps a trial is compared with what the others had there. One in the worst `quantile` goes on
    from the newest checkpoint of one in the best, with its parameters, each of them multiplied by one of `factors` or,
    with the chance `resample`, drawn anew."""

    ready: Annotated[int, Field(ge=1, le=MAX_INT)] = 5
    quantile: Annotated[float, Field(gt=0, le=0.5)] = 0.25
    factors: Annotated[tuple[Factor, ...], Strict(strict=False), Field(min_length=1, max_length=20)] = (0.8, 1.25)
    resample: Annotated[float, Field(ge=0, le=1)] = 0.25


class SearchSpec(Section):
    """`seed` None: the service draws one. `initial`: configurations to begin with, whole or in part. `points`: of a
    grid, how many values a parameter gets (a continuous one has 10 if it is not named). `tiers`: parameters are
    searched in the order of what they are worth, told by their names; their own `tier` goes before."""

    strategy: Strategy = "coarse_to_fine"
    seed: Annotated[int, Field(ge=0, le=MAX_INT)] | None = None
    initial: Annotated[tuple[dict[str, Any], ...], Strict(strict=False), Field(max_length=1_000)] = ()
    points: dict[str, Points] = Field(default_factory=dict)
    tiers: Literal["auto"] | None = None
    learn_from: LearnFrom | None = None
    pbt: PbtSpec | None = None

    @field_validator("learn_from", mode="before")
    @classmethod
    def _names_alone(cls, given: Any) -> Any:
        return {"studies": given} if isinstance(given, list | tuple) else given

    @field_validator("points")
    @classmethod
    def _for_a_grid(cls, points: dict[str, int], info: ValidationInfo) -> dict[str, int]:
        strategy = info.data.get("strategy", "grid")
        if points and strategy != "grid":
            raise ValueError(f"is for strategy grid only, not {strategy}")
        return points

    @field_validator("pbt")
    @classmethod
    def _for_a_population(cls, pbt: PbtSpec | None, info: ValidationInfo) -> PbtSpec | None:
        strategy = info.data.get("strategy", "pbt")
        if pbt is not None and strategy != "pbt":
            raise ValueError(f"is for strategy pbt only, not {strategy}")
        return pbt

    @property
    def population(self) -> PbtSpec | None:
        """How the trials steer each other; None where they do not."""
        return (self.pbt or PbtSpec()) if self.strategy == "pbt" else None

    @field_validator("tiers")
    @classmethod
    def _not_whole(cls, tiers: str | None, info: ValidationInfo) -> str | None:
        strategy = info.data.get("strategy")
        if tiers is not None and strategy in WHOLE:
            raise ValueError(f"is not for strategy {strategy}, which searches all parameters at once")
        return tiers


PROMOTING: Final = ("asha", "hyperband")
"""Rules that can also pause a trial at a rung, and let it go on when it is promoted."""


class StoppingSpec(Section):
    """When a trial that does badly is ended early. `max_steps`: how long a training is; None: as it comes. `audit`: so
    large a share of those that would be stopped trains on, chosen by lot, to tell how often stopping is wrong. `mode`
    promotion (asha and hyperband): a trial is paused at each rung instead, until it is among the best there."""

    rule: Rule = "none"
    mode: Mode = "stopping"
    min_steps: Annotated[int, Field(ge=1, le=MAX_INT)] = 1
    max_steps: Annotated[int, Field(ge=1, le=MAX_INT)] | None = None
    reduction: Annotated[float, Field(ge=1.5, le=1_000)] = 3.0
    audit: Annotated[float, Field(ge=0, le=0.5)] = 0.0

    @field_validator("max_steps")
    @classmethod
    def _after_the_first(cls, max_steps: int | None, info: ValidationInfo) -> int | None:
        min_steps = info.data.get("min_steps", 0)
        if max_steps is not None and max_steps <= min_steps:
            raise ValueError(f"must be above min_steps, which is {min_steps}")
        return max_steps

    @field_validator("mode")
    @classmethod
    def _with_rungs(cls, mode: str, info: ValidationInfo) -> str:
        rule = info.data.get("rule", "asha")
        if mode == "promotion" and rule not in PROMOTING:
            raise ValueError(f"promotion is for the rules asha and hyperband, not {rule}")
        return mode

    @field_validator("audit")
    @classmethod
    def _of_those_stopped(cls, audit: float, info: ValidationInfo) -> float:
        if audit and info.data.get("mode") == "promotion":
            raise ValueError("is for mode stopping: promotion ends no trial while it trains")
        return audit

    @property
    def promotes(self) -> bool:
        return self.mode == "promotion"


SEED: Final = "seed"
"""The parameter that a study with `repeat` adds to each trial: what its training is to be seeded with."""


class RepeatSpec(Section):
    """The `top` best configurations are trained `seeds` more times, within the budget, each with a seed of its own.
    With `race` those `top` × `seeds` trials go to whoever can't be told from the best yet, whatever each has had."""

    seeds: Annotated[int, Field(ge=2, le=100)] = 3
    top: Annotated[int, Field(ge=1, le=1_000)] = 5
    race: bool = False

    @property
    def trials(self) -> int:
        """Of the budget."""
        return self.seeds * self.top


class CheckpointSpec(Section):
    """Which checkpoints of a trial stay: its newest; of the `best` trials only (and of unfinished ones); or the newest
    and those at the rungs of the stopping rule. `max_mb` is for the whole study: the worst ended trials go first."""

    keep: Literal["newest", "best", "rungs"] = "newest"
    best: Annotated[int, Field(ge=1, le=MAX_TRIALS)] = 5
    max_mb: Annotated[int, Field(ge=1, le=MAX_INT)] | None = None


class Budget(Section):
    """`max_failures`: so many trials may fail before the study does. `seconds` of the study, `trial_seconds` of an
    attempt; `silence_seconds`: an attempt that reports nothing for so long hangs. `grace_seconds`: between being told
    to end and being killed."""

    trials: Count = 100
    parallel: Count | None = None
    seconds: Seconds | None = None
    trial_seconds: Seconds | None = None
    silence_seconds: Seconds | None = None
    grace_seconds: Annotated[float, Field(ge=0, le=3_600)] = 10.0
    max_failures: Annotated[int, Field(ge=0, le=MAX_TRIALS)] | None = None


class Resources(Section):
    """What one trial takes. Ray's rules: shares of a GPU up to one, then whole ones. A trial that takes more than
    `memory_mb` is ended; `auto`: as much as trials of the study were seen to take, and a bit."""

    cpus: Amount = 1.0
    gpus: Annotated[Amount, AfterValidator(whole_devices), Field(validate_default=True)] = 0.0
    memory_mb: Memory = None
    custom: Annotated[dict[Custom, Some], Field(max_length=50)] = Field(default_factory=dict)

    @field_validator("gpus")
    @classmethod
    def _takes_something(cls, gpus: float, info: ValidationInfo) -> float:
        if gpus == 0 and info.data.get("cpus", 1) == 0:
            raise ValueError("a trial takes CPUs or GPUs: one of cpus and gpus must be above 0")
        return gpus


class StudySpec(Section):
    """The whole document, defaults filled in."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Annotated[str, Field(pattern=STUDY_NAME, max_length=200)] | None = None
    metric: Metric
    train: Train
    code: Code | None = None
    space: Annotated[Space, WithJsonSchema({"type": "object"})]
    data: Data | None = None
    retune: Retune | None = None
    search: SearchSpec = SearchSpec()
    stopping: StoppingSpec = StoppingSpec()
    repeat: RepeatSpec | None = None
    checkpoints: CheckpointSpec = CheckpointSpec()
    budget: Budget = Budget()
    resources: Resources = Resources()
    retries: Annotated[int, Field(ge=0, le=100)] = 2
    rules: Annotated[tuple[ScheduleRule, ...], Strict(strict=False), Field(max_length=MAX_RULES)] = ()
    labels: Annotated[dict[Label, Annotated[str, AfterValidator(clean)]], Field(max_length=50)] = Field(
        default_factory=dict
    )

    @property
    def constraints(self) -> tuple[str, ...]:
        return self.space.constraints

    @property
    def metric_goal(self) -> Goal:
        return self.metric.goal

    @property
    def minimizes(self) -> bool:
        return self.metric.goal == "minimize"

    def to_document(self) -> dict[str, Any]:
        """JSON with the defaults filled in; `parse_study` of it is this spec again."""
        return {
            "name": self.name,
            "metric": self.metric.model_dump(),
            "train": self.train.to_document(),
            "code": self.code and self.code.model_dump(),
            "data": self.data and self.data.model_dump(),
            "retune": self.retune and self.retune.model_dump(),
            "space": self.space.to_document(),
            "constraints": list(self.space.constraints),
            "search": self.search.model_dump(mode="json"),
            "stopping": self.stopping.model_dump(),
            "repeat": self.repeat and self.repeat.model_dump(),
            "checkpoints": self.checkpoints.model_dump(),
            "budget": self.budget.model_dump(),
            "resources": self.resources.model_dump(),
            "retries": self.retries,
            "rules": [rule.to_document() for rule in self.rules],
            "labels": dict(self.labels),
        }


WAYS: Final = ("function", "command", "builtin", "external")


def train_problem(train: Mapping[str, Any]) -> str | None:
    """Looks only at which keys are given, so that it also reads a section with other mistakes."""
    given = [way for way in WAYS if train.get(way) not in (None, False)]
    if len(given) != 1:
        found = f"not {' and '.join(given)}" if given else "and none is given"
        return f"takes exactly one of function, command, builtin and external, {found}"
    if given == ["external"] and train.get("options"):
        return "options have nobody to go to: external training is started by your own program"
    return None
