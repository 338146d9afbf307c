"""Asynchronous workers in virtual time: a worker that ends takes the next configuration at once."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from benchmarks.quality.peers import Peer
from benchmarks.quality.tasks import Task


@dataclass(frozen=True, slots=True)
class Course:
    """`regret[k]` after k + 1 finished trials: of the configuration that looked best by then."""

    regret: list[float]
    mean_ms: float
    worst_ms: float


def course(task: Task, peer: Peer, seed: int, parallel: int, budget: int) -> Course:
    rng = np.random.default_rng(seed)
    busy: list[tuple[float, int, Any, Any]] = []
    regrets: list[float] = []
    spent: list[float] = []
    now, best, regret, asked = 0.0, math.inf, math.nan, 0
    while len(regrets) < budget:
        while len(busy) < parallel and asked < budget:
            started = perf_counter()
            token, params = peer.ask()
            spent.append(perf_counter() - started)
            heapq.heappush(busy, (now + float(rng.lognormal(0, 0.5)), asked, token, params))
            asked += 1
        now, number, token, params = heapq.heappop(busy)
        loss = task.loss(params, number + 1000 * seed)
        started = perf_counter()
        peer.tell(token, loss if math.isfinite(loss) else None)
        spent[-1] += perf_counter() - started
        if loss < best:
            best, regret = loss, task.regret(task.truth(params))
        regrets.append(regret)
    return Course(regrets, 1000 * sum(spent) / budget, 1000 * max(spent))
