"""What is measured: the kinds of work, the contenders, and how seconds become a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.overhead_code.train import NAP_SECONDS

WORKERS: Final = 2


@dataclass(frozen=True, slots=True)
class Work:
    kind: str
    title: str
    unit: str
    """`per second`, `ideal` (of NAP_SECONDS × trials / WORKERS) or `pool` (of multiprocessing.Pool's seconds)."""
    goals: Mapping[str, float]
    """What a contender is to reach, by its key."""


WORKS: Final = (
    Work("nothing", "trials that do nothing, per second", "per second", {"caviar": 2000, "caviar-postgres": 800}),
    Work("reports", "the same with 10 reports each, per second", "per second", {"caviar": 700}),
    Work("sleep", "100 trials that sleep 0.1 s, share of the ideal 5 s", "ideal", {"caviar": 0.97}),
    Work("network", "60 scikit-learn networks of 0.6 s, against Pool(2)", "pool", {"caviar": 0.98}),
)


@dataclass(frozen=True, slots=True)
class Contender:
    key: str
    title: str
    module: str | None = None
    """A program that prints {"seconds": ...}; None: Caviar."""
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Modules that its interpreter must be able to import."""
    trials: Mapping[str, int] | None = None
    """By kind of work, where it differs from TRIALS: a slow contender is given less of what is counted per second."""


TRIALS: Final[Mapping[str, int]] = {"nothing": 5000, "reports": 2000, "sleep": 100, "network": 60}
POOL: Final = Contender("pool", "multiprocessing.Pool(2)", "benchmarks.peers.pool", needs=("sklearn",))
RAY_NEEDS: Final = ("ray", "pandas", "pyarrow", "tensorboardX", "sklearn")
OPTUNA: Final = "benchmarks.peers.optuna_processes"


def contenders(postgres: str | None) -> tuple[Contender, ...]:
    on_postgres = (
        Contender("caviar-postgres", "Caviar, PostgreSQL"),
        Contender(
            "optuna-postgres",
            "Optuna, PostgreSQL, 2 processes",
            OPTUNA,
            ("--storage", "{postgres}"),
            ("optuna", "psycopg", "sklearn"),
            {"nothing": 300, "reports": 200},
        ),
    )
    return (
        Contender("caviar", "Caviar, SQLite"),
        *(on_postgres if postgres else ()),
        Contender(
            "ray-tune",
            "Ray Tune, default",
            "benchmarks.peers.ray_tune",
            needs=RAY_NEEDS,
            trials={"nothing": 16, "reports": 16},
        ),
        Contender(
            "ray-tune-reuse",
            "Ray Tune, actors reused",
            "benchmarks.peers.ray_tune",
            ("--reuse",),
            RAY_NEEDS,
            {"nothing": 300, "reports": 200},
        ),
        Contender(
            "optuna-sqlite",
            "Optuna, SQLite, 2 processes",
            OPTUNA,
            ("--storage", "sqlite"),
            ("optuna", "sklearn"),
            {"nothing": 300, "reports": 200},
        ),
        Contender(
            "optuna-journal",
            "Optuna, journal file, 2 processes",
            OPTUNA,
            ("--storage", "journal"),
            ("optuna", "sklearn"),
            {"nothing": 1000, "reports": 500},
        ),
    )


def trials_of(contender: Contender, kind: str) -> int:
    return (contender.trials or {}).get(kind, TRIALS[kind])


def figure(work: Work, trials: int, seconds: float, pool_seconds: float | None) -> float | None:
    """Trials per second, or a share of the limit (1 is the limit); None where the limit was not measured."""
    match work.unit:
        case "per second":
            return trials / seconds
        case "ideal":
            return NAP_SECONDS * trials / WORKERS / seconds
        case _:
            return pool_seconds / seconds if pool_seconds else None
