"""The client that a verb works through."""

from pathlib import Path

from caviar.client.client import Client


def connect(data_dir: Path | None) -> Client:
    """Raises NoConnection when no service is configured."""
    return Client(data_dir=data_dir)
