"""A live study of 50 trials a second, alone and under the eyes of 20 dashboards."""

import multiprocessing
import threading
import time
from multiprocessing.synchronize import Event as EventType

import numpy as np
from benchmarks.dashboard_parts.reads import FIGURES, Server
from benchmarks.dashboard_parts.seed import study_document

RATE = 50.0
DASHBOARDS = 20


def live(server: Server, name: str, seconds: float, dashboards: int) -> tuple[float, float]:
    """(trials per second, median ms from ask to told) of a program that asks and tells 50 times a second."""
    with server.client() as client:
        client.post("/studies", json=study_document(name, 1_000_000, external=True)).raise_for_status()
    stop = multiprocessing.get_context("spawn").Event()
    watching = multiprocessing.get_context("spawn").Process(target=watch, args=(server, name, dashboards, stop))
    if dashboards:
        watching.start()
        time.sleep(5)
    try:
        return _drive(server, name, seconds)
    finally:
        stop.set()
        if dashboards:
            watching.join(60)


def _drive(server: Server, name: str, seconds: float) -> tuple[float, float]:
    taken: list[float] = []
    began = time.perf_counter()
    with server.client() as client:
        while (now := time.perf_counter()) - began < seconds:
            due = began + len(taken) / RATE
            if now < due:
                time.sleep(due - now)
            start = time.perf_counter()
            trial = client.post(f"/studies/{name}/ask", json={"client": "bench"}).json()["items"][0]["id"]
            client.post(f"/trials/{trial}/complete", json={"metrics": {"loss": 0.5}}).raise_for_status()
            taken.append(time.perf_counter() - start)
    return len(taken) / (time.perf_counter() - began), 1000 * float(np.median(taken))


def watch(server: Server, name: str, dashboards: int, stop: EventType) -> None:
    """Each dashboard as the page does it: it waits for a change, then fetches what it shows, once a second at most."""
    threads = [threading.Thread(target=_dashboard, args=(server, name, stop), daemon=True) for _ in range(dashboards)]
    for each in threads:
        each.start()
    stop.wait()


def _dashboard(server: Server, name: str, stop: EventType) -> None:
    known: dict[str, str] = {}
    with server.client() as client:
        while not stop.is_set():
            began = time.perf_counter()
            for path in ("", "/ranking", *(f"/figures/{kind}" for kind in FIGURES[:4])):
                answer = client.get(f"/studies/{name}{path}", headers={"If-None-Match": known.get(path, "")})
                known[path] = answer.headers.get("etag", "")
            stop.wait(max(0.0, 1.0 - (time.perf_counter() - began)))
