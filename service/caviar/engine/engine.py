"""The engine: transactions around decisions. Callable without HTTP and without Ray, with any clock."""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from caviar.engine.memory import Memories
from caviar.engine.plan import plan_study
from caviar.engine.retune import decide, start_scheduled
from caviar.engine.sync import SyncResult, run_sync
from caviar.engine.tick import due_studies, forget_old_answers, purge, run_tick
from caviar.engine.work import RandomBits, Work
from caviar.storage import retunes, studies
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

    def sync(self, agent_id: str, request: SyncRequest, now: float) -> SyncResult:
        with self.work(now) as work:
            return run_sync(work, agent_id, request, self.lease_seconds)

    def tick(self, now: float) -> int:
        """Brings every study that is due up to `now`; returns how many were. A service that was down (or whose
        database was) expires no lease until one lease time after it is back."""
        if self._last_tick is None or now - self._last_tick > self.lease_seconds / 2:
            self._quiet_until = now + self.lease_seconds
        with self.database.read() as snapshot:
            due = due_studies(snapshot, now)
            deleted = studies.deleted_ids(snapshot)
            to_decide, scheduled = retunes.to_decide(snapshot), retunes.scheduled(snapshot, now)
        for study_id in due:
            with self.work(now) as work:
                run_tick(work, study_id, expire=now >= self._quiet_until)
        for retune_id in to_decide:
            with self.work(now) as work:
                decide(work, retune_id)
        for study_id in scheduled:
            with self.work(now) as work:
                start_scheduled(work, study_id)
        for study_id in deleted:
            with self.work(now) as work:
                purge(work, study_id)
        self._last_tick = now
        return len(due)

    def sweep(self, now: float) -> None:
        """Rare housekeeping: answers kept for idempotency keys are dropped after two days."""
        with self.work(now) as work:
            forget_old_answers(work)

    def plan(self, study_id: str, now: float) -> bool:
        """Lets a model-based search think once; True when it is worth calling again."""
        return plan_study(lambda: self.work(now), study_id)


def _repeatable(seed: int) -> RandomBits:
    return random.Random(seed).getrandbits  # noqa: S311 - for tests and simulations
