"""The SDK: what a program needs to submit studies to a Caviar service and to follow them. Small to import."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caviar.client.client import Client
    from caviar.client.errors import NoConnection, SourceUnavailable
    from caviar.client.study import Study
    from caviar.client.trial import Trial

__all__ = ["Client", "NoConnection", "SourceUnavailable", "Study", "Trial"]

# Imported on first use: the command line asks for pieces of this package and should not pay for all of it.
_HOMES = {
    "Client": "caviar.client.client",
    "NoConnection": "caviar.client.errors",
    "SourceUnavailable": "caviar.client.errors",
    "Study": "caviar.client.study",
    "Trial": "caviar.client.trial",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
