"""A large study, written as fast as the database takes it: executemany on SQLite, COPY on PostgreSQL."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Table, insert, update

from caviar.engine import commands
from caviar.engine.engine import Engine
from caviar.storage.database import Database, Transaction
from caviar.storage.rows import StudyRow
from caviar.storage.tables import reports, studies, trials

CHUNK = 2_000
STEPS = 20
PARAMETERS = 10
SHARES = (("completed", 0.9), ("stopped", 0.06), ("failed", 0.04))


def study_document(name: str, count: int, *, external: bool = False) -> dict[str, Any]:
    space: dict[str, Any] = {
        f"p{index}": {"type": "float", "low": 1e-5, "high": 1.0, "scale": "log"} for index in range(PARAMETERS - 2)
    }
    space["units"] = {"type": "int", "low": 16, "high": 512}
    space["optimizer"] = {"type": "choice", "values": ["sgd", "adam", "rmsprop"]}
    return {
        "name": name,
        "metric": {"name": "loss"},
        "train": {"external": True} if external else {"command": ["true"]},
        "space": space,
        "search": {"strategy": "random", "seed": 1},
        "budget": {"trials": count},
    }


def seed(database: Database, name: str, count: int, now: float) -> float:
    """Seconds it took: `count` ended trials of 10 parameters and 20 reports each."""
    began = time.perf_counter()
    with Engine(database).work(now) as work:
        study = commands.create_study(work, study_document(name, count * 2))
        space = work.memory(study).spec.space
    rng = np.random.default_rng(1)
    with database.write() as tx:
        for first in range(0, count, CHUNK):
            units = space.snap(rng.random((min(CHUNK, count - first), space.dimension)))
            rows = list(_trials(study, first, units, space.decode(units), now))
            write(tx, trials, rows)
            write(tx, reports, [report for row in rows if row["state"] != "failed" for report in _reports(row)])
        counted = {state: sum(_state(number) == state for number in range(count)) for state, _ in SHARES}
        known = {"state": "running", "revision": count, "next_number": count, "started_at": now, **counted}
        tx.connection.execute(update(studies).where(studies.c.id == study.id).values(**known))
    return time.perf_counter() - began


def _state(number: int) -> str:
    place = (number * 0.6180339887) % 1.0
    for state, share in SHARES:
        if place < share:
            return state
        place -= share
    return "failed"


def _trials(
    study: StudyRow, first: int, units: Any, params: list[dict[str, Any]], now: float
) -> Iterator[dict[str, Any]]:
    for index, (unit, param) in enumerate(zip(units, params, strict=True)):
        number = first + index
        state, at = _state(number), now + number * 0.02
        value = float(((unit - 0.4) ** 2 * np.arange(len(unit), 0, -1)).sum()) if state != "failed" else None
        yield {
            "id": f"{number:08x}-0000-7000-8000-{study.id[-12:]}",
            "study_id": study.id,
            "number": number,
            "state": state,
            "reason_code": "exit_code" if state == "failed" else None,
            "reason_message": None,
            "params": param,
            "unit": unit.tobytes(),
            "round": 0,
            "origin": "random",
            "value": value,
            "step": float(STEPS),
            "final": None,
            "attempts": 1,
            "failures": int(state == "failed"),
            "losses": 0,
            "client": None,
            "node": f"node-{number % 8}",
            "seconds": 0.15,
            "revision": number + 1,
            "created_at": at,
            "started_at": at,
            "finished_at": at + 0.15,
        }


def _reports(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in range(1, STEPS + 1):
        value = row["value"] + 1.0 / step
        metrics = {"loss": value}
        yield {
            "trial_id": row["id"],
            "attempt": 1,
            "seq": step + 1,
            "step": float(step),
            "at": row["started_at"] + step * 0.007,
            "value": value,
            "metrics": metrics,
        }


def write(tx: Transaction, table: Table, rows: list[dict[str, Any]]) -> None:
    """What a newer schema has beside these columns takes its default, or null."""
    if tx.is_sqlite:
        tx.connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    driver: Any = tx.connection.connection.driver_connection
    columns = ", ".join(f'"{name}"' for name in names)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_plain(row[name]) for name in names])


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
