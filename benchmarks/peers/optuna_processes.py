"""Optuna on one kind of work: `python -m benchmarks.peers.optuna_processes --kind sleep --trials 100 --storage sqlite`.

Driven as its documentation says for several processes: each loads the same study from the storage and calls
`study.optimize`. The sampler is the random one, the fastest; reports are made without asking the pruner, which the
documentation's loop would do too. The processes have imported everything and loaded the study when the clock starts.
Storage: `sqlite`, `journal` (a file), or a PostgreSQL address. Prints one JSON line: {"seconds": ...}.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

PROCESSES = 2
NAME = "overhead"


def open_storage(storage: str, folder: str) -> Any:
    import optuna  # noqa: PLC0415
    from optuna.storages.journal import JournalFileBackend  # noqa: PLC0415

    if storage == "journal":
        return optuna.storages.JournalStorage(JournalFileBackend(str(Path(folder) / "journal.log")))
    address = f"sqlite:///{folder}/optuna.db" if storage == "sqlite" else storage
    return optuna.storages.RDBStorage(address)


def objective(kind: str) -> Callable[[Any], float]:
    from benchmarks.overhead_code.train import work  # noqa: PLC0415

    def run(trial: Any) -> float:
        params = {
            "learning_rate": trial.suggest_float("learning_rate", 1e-3, 3e-2, log=True),
            "alpha": trial.suggest_float("alpha", 1e-6, 1e-2, log=True),
        }
        return work(kind, params, lambda step, loss: trial.report(loss, step))

    return run


def worker(kind: str, trials: int, storage: str, folder: str, seed: int, start: Barrier) -> None:
    import optuna  # noqa: PLC0415
    from benchmarks.overhead_code.train import digits  # noqa: PLC0415

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.RandomSampler(seed=seed)
    study = optuna.load_study(study_name=NAME, storage=open_storage(storage, folder), sampler=sampler)
    if kind == "network":
        digits()
    start.wait()
    study.optimize(objective(kind), n_trials=trials)


def measure(kind: str, trials: int, storage: str, folder: str) -> float:
    import optuna  # noqa: PLC0415

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(study_name=NAME, storage=open_storage(storage, folder))
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(PROCESSES + 1)
    share = trials // PROCESSES
    processes = [
        spawn.Process(target=worker, args=(kind, share, storage, folder, seed, start)) for seed in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    start.wait()
    began = time.perf_counter()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - began
    complete = sum(trial.state.name == "COMPLETE" for trial in study.trials)
    if complete != share * PROCESSES:
        raise SystemExit(f"{complete} of {trials} trials are complete")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--trials", type=int, required=True)
    parser.add_argument("--storage", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(arguments.kind, arguments.trials, arguments.storage, folder)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
