"""The engine: transactions around decisions. Callable without HTTP and without Ray, with any clock."""

import random
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from caviar.engine.memory import Memories
from caviar.engine.plan import plan_study
from caviar.engine.retune import decide, start_scheduled
from caviar.engine.sync import SyncResult, run_sync
from caviar.engine.tick import due_studies, forget_old_answers, purge, purgeable, run_tick
from caviar.engine.work import RandomBits, Work
from caviar.storage import retunes
from caviar.storage.database import Database
from caviar_workers.protocol import SyncRequest

LEASE_SECONDS = 60.0


class Engine:
    """Decides, on one database. Every `now` is seconds since the epoch; `seed` makes ids and seeds repeatable."""

    def __init__(self, database: Database, *, lease_seconds: float = LEASE_SECONDS, seed: int | None = None) -> None:
        self.database = database
        self.lease_seconds = lease_seconds
        self._memories = Memories()
        self._random_bits: RandomBits = secrets.randbits if seed is None else _repeatable(seed)
        self._last_tick: float | None = None
        self._quiet_until = 0.0

    @contextmanager
    def work(self, now: float) -> Iterator[Work]:
        """A transaction that ends with the work written and committed."""
        with self.database.write() as tx:
            work = Work(tx, self._memories, now, self._random_bits)
            yield work
            work.flush()

    def sync(self, agent_id: str, request: SyncRequest, now: float, *, draining: bool = False) -> SyncResult:
        """`draining`: nothing is leased any more."""
        with self.work(now) as work:
            return run_sync(work, agent_id, request, self.lease_seconds, draining=draining)

    def tick(self, now: float) -> int:
        """Brings every study that is due up to `now`; returns how many were. A service that was down (or whose
        database was) expires no lease until one lease time after it is back."""
        if self._last_tick is None or now - self._last_tick > self.lease_seconds / 2:
            self._quiet_until = now + self.lease_seconds
        with self.database.read() as snapshot:
            due = due_studies(snapshot, now)
            deleted = purgeable(snapshot, now)
            to_decide, scheduled = retunes.to_decide(snapshot), retunes.scheduled(snapshot, now)
        expire = now >= self._quiet_until
        failures = [
            *self._each(now, due, lambda work, study_id: run_tick(work, study_id, expire=expire)),
            *self._each(now, to_decide, decide),
            *self._each(now, scheduled, start_scheduled),
            *self._each(now, deleted, purge),
        ]
        self._last_tick = now
        if failures:
            raise failures[0]
        return len(due)

    def _each(self, now: float, ids: Iterable[str], act: Callable[[Work, str], object]) -> list[Exception]:
        """Each in a transaction of its own: one that fails keeps none of the others from theirs."""
        failures: list[Exception] = []
        for each in ids:
            try:
                with self.work(now) as work:
                    act(work, each)
            except Exception as error:  # noqa: BLE001 - told once all have had their turn
                failures.append(error)
        return failures

    def sweep(self, now: float) -> None:
        """Rare housekeeping: answers kept for idempotency keys are dropped after two days."""
        with self.work(now) as work:
            forget_old_answers(work)

    def plan(self, study_id: str, now: float) -> bool:
        """Lets a model-based search think once; True when it is worth calling again."""
        return plan_study(lambda: self.work(now), study_id)


def _repeatable(seed: int) -> RandomBits:
    return random.Random(seed).getrandbits  # noqa: S311 - for tests and simulations
