import pytest

from caviar.engine.engine import Engine
from caviar.storage.database import Database


@pytest.fixture
def engine(database: Database) -> Engine:
    """Leases of 30 seconds; ids and seeds repeatable."""
    return Engine(database, lease_seconds=30, seed=7)
