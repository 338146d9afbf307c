"""Probes for when a process is ready."""

import http.client
from collections.abc import Callable

_TIMEOUT = 1.0


def answers(host: str, port: int, path: str = "/readyz") -> Callable[[float], bool]:
    def probe(_alive: float) -> bool:
        connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return probe


def lives_for(seconds: float) -> Callable[[float], bool]:
    """For a process that says nothing: it is ready when it has not ended for so long."""
    return lambda alive: alive >= seconds
