"""What goes on by itself: housekeeping each second, and the threads that think for model-based searches."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from caviar.api.bus import EVERYTHING, Bus, running_thread
from caviar.engine.engine import Engine
from caviar.search.warm import warm
from caviar.storage import studies

TICK_SECONDS = 1.0
MINUTE = 60.0
SWEEP_SECONDS = 3600.0
FAILURE_PAUSE_SECONDS = 30.0
PLAN = "plan:"

log = logging.getLogger(__name__)
Clock = Callable[[], float]


class Housekeeper:
    """Lets time pass for the engine, and for whoever wants to be called each minute."""

    def __init__(
        self, engine: Engine, clock: Clock = time.time, *, each_minute: Callable[[float], None] | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._each_minute = each_minute
        self._minute = clock()
        self._stop = threading.Event()
        self._swept = clock()

    @contextmanager
    def running(self) -> Iterator[None]:
        with running_thread("caviar-housekeeping", self._run, self._stop):
            yield

    def run_once(self) -> None:
        now = self._clock()
        self._engine.tick(now)
        if self._each_minute is not None and now - self._minute >= MINUTE:
            self._minute = now
            self._each_minute(now)
        if now - self._swept >= SWEEP_SECONDS:
            self._swept = now
            self._engine.sweep(now)

    def _run(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            try:
                self.run_once()
            except Exception:
                log.exception("housekeeping failed; it is tried again")


class Planner:
    """Thinks for studies whose search takes longer than a transaction may. A study is thought for once at a time."""

    def __init__(self, engine: Engine, bus: Bus, clock: Clock = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._stop = threading.Event()
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._queued: set[str] = set()
        self._busy: set[str] = set()
        self._not_before: dict[str, float] = {}
        bus.subscribe(self._woken)

    @contextmanager
    def running(self, threads: int) -> Iterator[None]:
        with ExitStack() as stack:
            for index in range(threads):
                stack.enter_context(running_thread(f"caviar-planner-{index}", self._run, self._stop))
            yield

    def ask(self, study_id: str) -> None:
        with self._lock:
            if study_id in self._queued:
                return
            self._queued.add(study_id)
        self._queue.put(study_id)

    def look(self) -> None:
        """Asks for every study that waits for suggestions: at the start, and in case a wake-up was lost."""
        with self._engine.database.read() as snapshot:
            wanting = studies.wanting_ids(snapshot)
        for study_id in wanting:
            self.ask(study_id)

    def run_once(self, seconds: float) -> None:
        """Thinks for the next study that asks; looks for one when none does within `seconds`."""
        try:
            study_id = self._queue.get(timeout=seconds)
        except queue.Empty:
            self.look()
            warm()
            return
        with self._lock:
            self._queued.discard(study_id)
            if study_id in self._busy or self._not_before.get(study_id, 0.0) > self._clock():
                return
            self._busy.add(study_id)
        try:
            while not self._stop.is_set() and self._engine.plan(study_id, self._clock()):
                pass
            self._not_before.pop(study_id, None)
        except Exception:
            self._not_before[study_id] = self._clock() + FAILURE_PAUSE_SECONDS
            raise
        finally:
            with self._lock:
                self._busy.discard(study_id)

    def _woken(self, topics: frozenset[str]) -> None:
        for topic in topics:
            if topic.startswith(PLAN):
                self.ask(topic.removeprefix(PLAN))
        if topics == EVERYTHING:
            self._not_before.clear()

    def _run(self) -> None:
        self._guarded(self.look)
        while not self._stop.is_set():
            self._guarded(lambda: self.run_once(TICK_SECONDS))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:
            log.exception("planning failed; it is tried again in %.0f s", FAILURE_PAUSE_SECONDS)
            self._stop.wait(TICK_SECONDS)
