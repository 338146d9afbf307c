"""What a SQLite file needs of its disk, and what happens when it does not get it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.simulation.checker import check
from tests.simulation.documents import study, submit

from caviar.domain.errors import Conflict, DiskFull
from caviar.engine.engine import Engine
from caviar.storage.alone import alone, refuse_damaged, warn_of_network
from caviar.storage.ballast import Ballast
from caviar.storage.database import Database

PLENTY = 1 << 30


@contextmanager
def pages(database: Database, spare: int) -> Iterator[None]:
    """As if the disk had room for so many pages more."""
    with database.write() as tx:
        now = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {now + spare}")
    try:
        yield
    finally:
        with database.write() as tx:
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {PLENTY}")


def fill(engine: Engine, made: list[str]) -> None:
    while len(made) < 500:
        made.append(submit(engine))


@pytest.mark.parametrize("spare", range(50))
def test_a_full_disk_refuses_writes_loses_nothing_and_recovers_by_itself(sqlite_url: str, spare: int) -> None:
    database = Database(sqlite_url)
    engine = Engine(database, seed=spare)
    made = [submit(engine)]
    with pages(database, spare):
        with pytest.raises(DiskFull, match="disk is full"):
            fill(engine, made)
        assert [study(engine, study_id).id for study_id in made] == made
    made.append(submit(engine))
    check(engine)
    with database.read() as snapshot:
        assert snapshot.connection.exec_driver_sql("PRAGMA quick_check").scalar_one() == "ok"
        assert snapshot.connection.exec_driver_sql("SELECT count(*) FROM studies").scalar_one() == len(made)
    database.close()


def test_ballast_is_kept_where_there_is_room_and_given_up_once(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "caviar.db", size=4_096, free=lambda _: 1 << 30)
    ballast.keep()
    assert ballast.path.stat().st_size == 4_096
    assert ballast.give_up()
    assert not ballast.path.exists()
    assert not ballast.give_up()


def test_no_ballast_is_kept_on_a_disk_without_room(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "caviar.db", size=4_096, free=lambda _: 50)
    ballast.keep()
    assert not ballast.path.exists()


def test_a_file_on_a_network_file_system_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nhost:/x {tmp_path} nfs4 rw 0 0\n/dev/sdb {tmp_path}/local ext4 rw 0 0\n"
    )
    assert warn_of_network(tmp_path / "caviar.db", mounts)
    assert "network file system (nfs4)" in caplog.text
    assert not warn_of_network(tmp_path / "local" / "caviar.db", mounts)


def test_a_damaged_file_is_refused_with_what_to_do(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "caviar.db"
    content = bytearray(path.read_bytes())
    content[4_096:40_000] = b"\xff" * (40_000 - 4_096)
    path.write_bytes(content)
    with pytest.raises(Conflict, match="caviar db restore"):
        refuse_damaged(path)


def test_a_file_that_was_left_open_is_checked_before_it_is_used(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "caviar.db"
    content = bytearray(path.read_bytes())
    content[4_096:40_000] = b"\xff" * (40_000 - 4_096)
    path.write_bytes(content)
    path.with_name("caviar.db-wal").write_bytes(b"left by a killed process")
    database = Database(sqlite_url)
    with pytest.raises(Conflict, match="damaged"), alone(database):
        pass
    database.close()
