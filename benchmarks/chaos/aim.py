"""What goes on at a moment, by the database: what kills are aimed at."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from caviar.domain.errors import CaviarError
from caviar.storage.database import Database
from caviar.storage.tables import LIVE_ATTEMPT, attempts, reports, trials

AIM_SECONDS = 60.0
LOOK_SECONDS = 0.004
STATES = ("leased", "reported", "ended", "running")
"""A lease, a report, the end of a trial was committed a moment before; or a trial runs."""
AWAY = "away"
"""The database did not answer: it was being killed itself."""


@dataclass(frozen=True, slots=True)
class Sight:
    leased: float
    reported: int
    ended: int
    running: int


def aim(database: Database, wanted: str) -> str:
    """Waits for a moment of the kind; what it was when that has taken too long: another of STATES, idle or AWAY."""
    until = time.monotonic() + AIM_SECONDS
    before = look(database)
    while time.monotonic() < until:
        now = look(database)
        if before is not None and now is not None and _shows(wanted, before, now):
            return wanted
        before = now
        time.sleep(LOOK_SECONDS)
    return AWAY if before is None else "running" if before.running else "idle"


def look(database: Database) -> Sight | None:
    """None when the database is away."""
    live, ended = text(LIVE_ATTEMPT), trials.c.finished_at.is_not(None)
    try:
        with database.read() as snapshot:
            ask = snapshot.connection.scalar
            return Sight(
                ask(select(func.max(attempts.c.leased_at))) or 0.0,
                ask(select(func.count()).select_from(reports)) or 0,
                ask(select(func.count()).select_from(trials).where(ended)) or 0,
                ask(select(func.count()).select_from(attempts).where(live, attempts.c.state == "running")) or 0,
            )
    except (CaviarError, SQLAlchemyError):
        return None


def _shows(wanted: str, before: Sight, now: Sight) -> bool:
    match wanted:
        case "leased":
            return now.leased > before.leased
        case "reported":
            return now.reported > before.reported
        case "ended":
            return now.ended > before.ended
        case _:
            return now.running > 0
