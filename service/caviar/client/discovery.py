"""Where the service is and what opens it: the environment, else the data folder of a server on this machine.

A server's data folder holds `server.json` ({url, pid, started}; there while it runs) and `admin-token` (mode 600).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from caviar.client.errors import NoConnection

URL: Final = "CAVIAR_URL"
TOKEN: Final = "CAVIAR_TOKEN"  # noqa: S105  (a variable's name)
DATA_DIR: Final = "CAVIAR_DATA_DIR"

SERVER_FILE: Final = "server.json"
TOKEN_FILE: Final = "admin-token"  # noqa: S105  (a file's name)


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    token: str | None


def data_folder(environment: Mapping[str, str], given: Path | None = None) -> Path:
    chosen = given or environment.get(DATA_DIR) or Path.home() / ".local" / "share" / "caviar"
    return Path(chosen).expanduser().absolute()


def discover(environment: Mapping[str, str], folder: Path | None = None) -> Address:
    """Raises NoConnection when neither the environment nor the data folder names a running server.

    An explicit `folder` goes before the environment's CAVIAR_URL.
    """
    if folder is None and (url := environment.get(URL)):
        return Address(url, environment.get(TOKEN) or _token_of_local(url, data_folder(environment)))
    chosen = data_folder(environment, folder)
    address = local_server(chosen)
    if address is None:
        raise NoConnection(
            f"no Caviar server is configured: {URL} is not set and none runs on {chosen}",
            hint="start one with `caviar up`, or set CAVIAR_URL and CAVIAR_TOKEN",
        )
    return address


def local_server(folder: Path) -> Address | None:
    """The server that runs on this data folder, if one does."""
    record = read_server_file(folder)
    if record is None or not is_alive(record.get("pid")):
        return None
    return Address(str(record["url"]), read_token(folder))


def read_server_file(folder: Path) -> dict[str, Any] | None:
    """None when there is none, or something else by that name."""
    try:
        record = json.loads((folder / SERVER_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "url" in record else None


def read_token(folder: Path, name: str = TOKEN_FILE) -> str | None:
    try:
        return (folder / name).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def _token_of_local(url: str, folder: Path) -> str | None:
    """A local server's token is for that server: it is never shown to another."""
    address = local_server(folder)
    return address.token if address and address.url.rstrip("/") == url.rstrip("/") else None


def is_alive(pid: Any) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
