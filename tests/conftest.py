"""What all tests share: a database each, on SQLite and on PostgreSQL.

`database_url` is an empty database with the schema in it, `database` the same, open. A test that takes either runs
twice; `-m "not postgres"` leaves PostgreSQL out. The PostgreSQL server is CAVIAR_TEST_POSTGRES (a URL whose user may
create databases), else one that the run starts for itself.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.support.postgres import NoServerError, Server

from caviar.storage import migrate
from caviar.storage.database import Database

settings.register_profile(
    "caviar",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=60,
)
settings.load_profile("caviar")

RUN_FOLDER = pytest.StashKey[Path]()
RUN_PID = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """The run's folder and process: the controller's own, or what it told this worker."""
    told = getattr(config, "workerinput", None)
    if told is None:
        folder = Path(tempfile.mkdtemp(prefix="caviar-tests-"))
        folder.chmod(0o755)
        config.stash[RUN_FOLDER], config.stash[RUN_PID] = folder, os.getpid()
    else:
        config.stash[RUN_FOLDER], config.stash[RUN_PID] = Path(told["run_folder"]), told["run_pid"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])  # type: ignore[attr-defined]
    node.workerinput["run_pid"] = node.config.stash[RUN_PID]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(RUN_FOLDER, None)
    if folder is not None and not hasattr(config, "workerinput") and not (folder / "postgres").exists():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "caviar.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Server:
    return Server(pytestconfig.stash[RUN_FOLDER], pytestconfig.stash[RUN_PID])


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "caviar.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """Skips where there is no PostgreSQL; in CI that is a failure."""
    try:
        fresh = postgres_server.fresh_database()
        url = fresh.__enter__()
    except NoServerError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield url
    fresh.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()
