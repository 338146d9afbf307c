"""What can be set from outside: CAVIAR_* in the environment, and the command line of `python -m caviar.api`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASE_FILE = "caviar.db"


class Settings(BaseSettings):
    """`admin_token` and `agent_token` are for deployments that hand out their own; else they are made at first start
    and kept in the data folder. `planners`: threads for model-based searches. `longest_lag_seconds`: how far a picture
    of a study that runs may lag behind it. `allowed_hosts`: with commas, the names that the service answers to beside
    addresses and localhost. `behind_proxy`: TLS (or a network of one's own) is in front of it; what the proxy at
    `proxy_addresses` says about the client's scheme and address is believed."""

    model_config = SettingsConfigDict(env_prefix="CAVIAR_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = 8700
    data_dir: Path = Path("~/.local/share/caviar")
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    proxy_addresses: str = "127.0.0.1,::1"
    allowed_hosts: str = ""
    requests_per_minute: Annotated[int, Field(gt=0)] = 30_000
    failures_per_minute: Annotated[int, Field(gt=0)] = 60
    failure_delay_seconds: float = 1.0
    database_url: str | None = None
    admin_token: SecretStr | None = None
    agent_token: SecretStr | None = None
    lease_seconds: float = 60.0
    login_code_seconds: float = 900.0
    session_hours: float = 24.0 * 7
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
    def hosts(self) -> list[str]:
        return [name for each in self.allowed_hosts.split(",") if (name := each.strip())]

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / DATABASE_FILE}"
