"""What can be set from outside: CAVIAR_* in the environment, and the command line of `python -m caviar.api`."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASE_FILE = "caviar.db"


class Settings(BaseSettings):
    """`admin_token` and `agent_token` are for deployments that hand out their own; else they are made at first start
    and kept in the data folder. `planners`: threads for model-based searches. `longest_lag_seconds`: how far a picture
    of a study that runs may lag behind it."""

    model_config = SettingsConfigDict(env_prefix="CAVIAR_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = 8700
    data_dir: Path = Path("~/.local/share/caviar")
    database_url: str | None = None
    admin_token: SecretStr | None = None
    agent_token: SecretStr | None = None
    lease_seconds: float = 60.0
    max_bundle_bytes: int = 100 * 2**20
    longest_wait_seconds: float = 60.0
    longest_park_seconds: float = 20.0
    longest_lag_seconds: float = 2.0
    shutdown_seconds: int = 8
    planners: int = 1
    background: bool = True

    @property
    def folder(self) -> Path:
        return self.data_dir.expanduser().absolute()

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / DATABASE_FILE}"
