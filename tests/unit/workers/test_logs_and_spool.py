"""Log pieces within their allowance; events kept until acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest

from caviar_workers.runner.logs import FREELY, LAST_WORDS, PIECE, Allowance, LogBuffer, LogFile, whole_characters
from caviar_workers.spool import Chunk, Spool


@pytest.fixture
def log(tmp_path: Path) -> LogFile:
    return LogFile(tmp_path / "log")


def append(log: LogFile, data: bytes) -> None:
    import os

    os.write(log.descriptor, data)


def test_a_log_file_is_read_once_up_to_an_offset(log: LogFile) -> None:
    append(log, b"first second")
    allowance = Allowance(0.0)
    assert [piece.text for piece in log.pieces(6, allowance, 0.0, last=False)] == ["first "]
    assert [piece.text for piece in log.pieces(12, allowance, 0.0, last=True)] == ["second"]
    assert list(log.pieces(12, allowance, 0.0, last=True)) == []
    log.close()


def test_characters_are_not_cut_between_pieces(log: LogFile) -> None:
    text = "ß" * (PIECE // 2) + "x€" * 10
    append(log, b"x" + text.encode())
    pieces = [piece.text for piece in log.pieces(1 << 30, Allowance(0.0), 0.0, last=True)]
    assert "".join(pieces) == "x" + text
    assert len(pieces) == 2
    log.close()


@pytest.mark.parametrize(
    ("data", "kept"),
    [(b"abc", b"abc"), ("aß".encode(), "aß".encode()), ("aß".encode()[:-1], b"a"), ("a€".encode()[:-1], b"a"),
     (b"a\xff", b"a"), (b"\x80\x80\x80\x80\x80", b"\x80\x80\x80\x80\x80")],
)  # fmt: skip
def test_the_beginning_of_a_character_waits_for_its_end(data: bytes, kept: bytes) -> None:
    assert whole_characters(data) == kept


def test_above_the_allowance_the_newest_is_kept_and_the_rest_said_to_be_skipped() -> None:
    buffer, allowance = LogBuffer(), Allowance(0.0)
    assert allowance.take(FREELY, 0.0, last=False) == FREELY
    buffer.append(b"a" * 100_000 + b"b" * 64_000)
    assert list(buffer.pieces(allowance, 0.0, last=False)) == []
    pieces = list(buffer.pieces(allowance, 0.5, last=False))
    assert sum(len(piece.text) for piece in pieces) == 64_000
    assert set("".join(piece.text for piece in pieces)) == {"b"}
    assert pieces[0].skipped == 100_000


def test_the_last_words_always_go_out() -> None:
    buffer, allowance = LogBuffer(), Allowance(0.0)
    allowance.take(FREELY, 0.0, last=False)
    buffer.append(b"x" * (2 * LAST_WORDS))
    pieces = list(buffer.pieces(allowance, 0.0, last=True))
    assert sum(len(piece.text) for piece in pieces) == LAST_WORDS
    assert pieces[0].skipped == LAST_WORDS


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_events_come_again_until_they_are_acknowledged(clock: Clock) -> None:
    spool = Spool(clock)
    spool.add("started", "a", b"1", 0.0)
    spool.add("finished", "a", b"2", 0.0)
    first = spool.collect(0, 0.0)
    assert first == spool.collect(0, 0.0)
    assert first == Chunk(2, ("a",), (b"1", b"2"))
    spool.add("started", "b", b"3", 0.0)
    assert spool.collect(first.upto, 0.0) == Chunk(3, (), (b"3",))


def test_what_can_wait_is_collected_when_the_time_is_up(clock: Clock) -> None:
    spool = Spool(clock)
    spool.add("report", "a", b"1", 0.03)
    assert spool.collect(0, 0.0).events == (b"1",)


def test_a_newer_collect_releases_an_older_one() -> None:
    import threading
    import time

    spool = Spool(time.monotonic)
    answers: list[Chunk] = []
    older = threading.Thread(target=lambda: answers.append(spool.collect(0, 60.0)))
    older.start()
    while older.is_alive():
        spool.collect(0, 0.001)
    older.join()
    assert answers == [Chunk(0, (), ())]


def test_a_full_spool_gives_up_logs_first_then_reports_but_never_ends(clock: Clock) -> None:
    spool = Spool(clock, max_events=100)
    for index in range(400):
        spool.add("log", "a", b"log", 0.0)
        spool.add("report", "a", b"%d" % index, 0.0)
    spool.add("finished", "a", b"end", 0.0)
    events = spool.collect(0, 0.0).events
    assert len(events) <= 101
    assert events[-1] == b"end"
    assert b"399" in events


def test_a_forgotten_attempt_leaves_nothing(clock: Clock) -> None:
    spool = Spool(clock)
    spool.add("started", "a", b"1", 0.0)
    spool.add("started", "b", b"2", 0.0)
    spool.forget("a")
    assert spool.collect(0, 0.0).events == (b"2",)


def test_a_chunk_survives_the_wire() -> None:
    chunk = Chunk(7, ("a", "b"), (b'{"x":1}', b'{"y":2}'))
    assert Chunk.from_bytes(chunk.to_bytes()) == chunk
    assert Chunk.from_bytes(Chunk(0, (), ()).to_bytes()) == Chunk(0, (), ())
