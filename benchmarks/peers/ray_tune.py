"""Ray Tune on one kind of work: `python -m benchmarks.peers.ray_tune --kind nothing --trials 300 --reuse`.

Driven as its documentation says: a function trainable that calls `tune.report`, `Tuner.fit` on a Ray of two CPUs, and
`TuneConfig(reuse_actors=True)` where actors are reused. A trainable's own reports are its trial's results; where the
work has none, it reports once. Ray stands before the clock starts; the actors of the run are part of `fit`.
Prints one JSON line: {"seconds": ...}.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
import time
from typing import Any


def trainable(config: dict[str, Any]) -> None:
    from benchmarks.overhead_code.train import work  # noqa: PLC0415
    from ray import tune  # noqa: PLC0415

    reported = 0

    def report(step: int, loss: float) -> None:
        nonlocal reported
        reported = step
        tune.report({"loss": loss})

    loss = work(config["kind"], config, report)
    if not reported:
        tune.report({"loss": loss})


def measure(kind: str, trials: int, *, reuse: bool, storage: str) -> float:
    from ray import tune  # noqa: PLC0415

    tuner = tune.Tuner(
        trainable,
        param_space={
            "kind": kind,
            "learning_rate": tune.loguniform(1e-3, 3e-2),
            "alpha": tune.loguniform(1e-6, 1e-2),
        },
        tune_config=tune.TuneConfig(num_samples=trials, metric="loss", mode="min", reuse_actors=reuse),
        run_config=tune.RunConfig(storage_path=storage, verbose=0),
    )
    began = time.perf_counter()
    results = tuner.fit()
    seconds = time.perf_counter() - began
    if len(results) != trials or results.num_errors:
        raise SystemExit(f"{len(results)} of {trials} trials, {results.num_errors} errors")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--trials", type=int, required=True)
    parser.add_argument("--reuse", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as storage:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        seconds = measure(arguments.kind, arguments.trials, reuse=arguments.reuse, storage=storage)
        ray.shutdown()
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
