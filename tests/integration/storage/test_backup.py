"""Copies of a database at work, put back, and the timeline that was abandoned."""

import sqlite3
from pathlib import Path

import pytest
from tests.simulation.checker import check
from tests.simulation.documents import ended, study, submit, trial
from tests.simulation.hand import HandAgent, attempts_of
from tests.simulation.world import START, Behaviour, World

from caviar.cli.main import main
from caviar.domain.errors import Conflict
from caviar.domain.states import AttemptState, TrialState
from caviar.engine.engine import Engine
from caviar.engine.restored import JUMP
from caviar.storage import attempts, backup
from caviar.storage.database import Database
from caviar_workers.protocol import Finished, Started


def restore(url: str, copy: Path, folder: Path) -> None:
    assert main(["db", "restore", str(copy), "--database-url", url, "--data-dir", str(folder)]) == 0


def test_leases_of_the_abandoned_timeline_are_fenced(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    study_id = submit(Engine(database), budget={"trials": 4})
    agent = HandAgent(Engine(database), cpus=1)
    first, *_ = attempts_of(agent.sync().assignments)
    agent.sync(Started(attempt=first, seq=1, at=START), held=(first,))
    backup.backup(database, tmp_path / "copy")
    agent.sync(Finished(attempt=first, seq=2, at=START, metrics={"loss": 7.0}), held=())
    second, *_ = attempts_of(agent.sync().assignments)
    database.close()
    restore(database_url, tmp_path / "copy", tmp_path)
    database = Database(database_url)
    agent.engine = Engine(database)
    later = Finished(attempt=second, seq=1, at=START, metrics={"loss": 1.0})
    answer = agent.sync(Finished(attempt=first, seq=2, at=START, metrics={"loss": 7.0}), later, held=(second,))
    assert ("forget", second) in [(command.action, command.attempt) for command in answer.commands]
    with database.read() as snapshot:
        known = attempts.by_ids(snapshot, [first, second])
        assert [each.state for each in known.values()] == [AttemptState.LOST]
        assert [late.seq for late in attempts.late_of(snapshot, first)] == [2]
    again = trial(agent.engine, study_id, 0)
    assert (again.state, again.attempts, again.value) == (TrialState.WAITING, JUMP + 2, None)
    assert study(agent.engine, study_id).completed == 0
    database.close()


def test_a_study_goes_on_from_a_backup_that_was_made_while_it_ran(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    engine = Engine(database, seed=1)
    study_id = submit(engine, budget={"trials": 12})
    world = World(engine, slots=2, behaviour=Behaviour(reports=1))
    world.run(until=lambda: study(engine, study_id).completed >= 4)
    backup.backup(database, tmp_path / "copy")
    world.run(until=lambda: study(engine, study_id).completed >= 8)
    database.close()
    restore(database_url, tmp_path / "copy", tmp_path)
    database = Database(database_url)
    engine = Engine(database, seed=2)
    assert 4 <= study(engine, study_id).completed < 8
    World(engine, slots=2, incarnation=1).run(until=lambda: ended(engine, study_id))
    assert study(engine, study_id).completed == 12
    database.close()


def test_a_backup_overwrites_nothing(database: Database, tmp_path: Path) -> None:
    backup.backup(database, tmp_path / "copy")
    with pytest.raises(Conflict, match="exists"):
        backup.backup(database, tmp_path / "copy")


def test_what_is_no_sound_copy_is_not_put_back(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    study_id = submit(Engine(database))
    backup.backup(database, tmp_path / "copy")
    content = bytearray((tmp_path / "copy").read_bytes())
    content[4_096:40_000] = b"\xff" * (40_000 - 4_096)
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises(Conflict, match="damaged"):
        backup.put_back(database, tmp_path / "copy")
    assert study(Engine(database), study_id).id == study_id
    database.close()


def test_a_restore_beside_a_service_is_refused(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from caviar.storage.alone import alone

    database = Database(sqlite_url)
    backup.backup(database, tmp_path / "copy")
    with alone(database):
        given = ["--database-url", sqlite_url, "--data-dir", str(tmp_path)]
        assert main(["db", "restore", str(tmp_path / "copy"), *given]) == 2
    assert "Another Caviar service runs on" in capsys.readouterr().err
    database.close()


@pytest.mark.postgres
def test_a_restore_while_others_are_connected_is_refused(postgres_url: str, tmp_path: Path) -> None:
    database, other = Database(postgres_url), Database(postgres_url)
    backup.backup(database, tmp_path / "copy")
    with other.read() as snapshot:
        snapshot.connection.exec_driver_sql("SELECT 1")
        with pytest.raises(Conflict, match="others are connected"):
            backup.put_back(database, tmp_path / "copy")
    database.close()
    other.close()


@pytest.mark.postgres
def test_a_missing_tool_is_named(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    database = Database(postgres_url)
    with pytest.raises(backup.ToolMissing, match="pg_dump is not on this machine"):
        backup.backup(database, tmp_path / "copy")
    database.close()


def test_a_copy_is_a_database_of_one_moment(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    engine = Engine(database, seed=3)
    study_id = submit(engine, budget={"trials": 8})
    world = World(engine, slots=2)
    world.run(until=lambda: study(engine, study_id).completed >= 3)
    backup.backup(database, tmp_path / "copy")
    world.run(until=lambda: ended(engine, study_id))
    database.close()
    copy = sqlite3.connect(tmp_path / "copy")
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    copied = Database(f"sqlite:///{tmp_path}/copy")
    check(Engine(copied))
    copied.close()
