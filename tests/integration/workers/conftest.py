"""Slots with real children, closed after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.workers.bench_slot import BenchSlot


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BenchSlot]:
    bench = BenchSlot(tmp_path / "slot")
    yield bench
    bench.slot.close()
    assert not list((tmp_path / "slot" / "slots").glob("[!.]*")), "the slot left files behind"
