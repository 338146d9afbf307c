import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from caviar.storage import tokens
from caviar.storage.database import Database
from caviar.storage.rows import TokenRow


def token(number: int) -> TokenRow:
    return TokenRow(f"00000000-0000-7000-8000-{number:012d}", f"t{number}", "admin", f"{number:064d}", 1.0, None)


def test_a_failed_transaction_leaves_nothing_and_wakes_nobody(database: Database) -> None:
    woken: list[frozenset[str]] = []
    database.on_wake(woken.append)

    def fail() -> None:
        with database.write() as tx:
            tokens.insert(tx, token(1))
            tx.wake("agents")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as snapshot:
        assert tokens.all_tokens(snapshot) == []
    assert woken == []


def test_a_commit_wakes_after_it_is_visible(database: Database) -> None:
    seen: list[int] = []

    def look(topics: frozenset[str]) -> None:
        assert topics == {"agents"}
        with database.read() as snapshot:
            seen.append(len(tokens.all_tokens(snapshot)))

    database.on_wake(look)
    with database.write() as tx:
        tokens.insert(tx, token(1))
        tx.wake("agents")
    assert seen == [1]


def test_a_read_sees_one_moment(database: Database) -> None:
    with database.read() as snapshot:
        before = len(tokens.all_tokens(snapshot))
        with database.write() as tx:
            tokens.insert(tx, token(1))
        assert len(tokens.all_tokens(snapshot)) == before


def test_many_writers_wait_for_each_other(database: Database) -> None:
    failures: list[Exception] = []

    def write(start: int) -> None:
        try:
            for number in range(start, start + 20):
                with database.write() as tx:
                    tokens.insert(tx, token(number))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(1000 * index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.read() as snapshot:
        assert len(tokens.all_tokens(snapshot)) == 160


def test_a_broken_invariant_is_refused_by_the_database(database: Database) -> None:
    with database.write() as tx:
        tokens.insert(tx, token(1))
    with pytest.raises(IntegrityError), database.write() as tx:
        tokens.insert(tx, token(1))


def test_foreign_keys_are_kept(database: Database) -> None:
    orphan = text(
        'INSERT INTO rounds (study_id, "index", created_at, document) '
        "VALUES ('00000000-0000-7000-8000-000000000009', 0, 1, '{}')"
    )
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.connection.execute(orphan)
