"""A service on each database, and an agent for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.api import Agent, Api, running

from caviar.storage.database import Database


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Iterator[Api]:
    with running(database, tmp_path / "data") as api:
        yield api


@pytest.fixture
def agent(api: Api) -> Agent:
    return Agent(api)
