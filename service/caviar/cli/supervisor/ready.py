"""Probes for when a process is ready."""

import http.client
import ssl
from collections.abc import Callable

_TIMEOUT = 1.0


def answers(host: str, port: int, path: str = "/readyz", *, tls: bool = False) -> Callable[[float], bool]:
    """Over TLS any certificate will do: who it is for, and whether it is good, is for clients to judge."""

    def probe(_alive: float) -> bool:
        connection = _connection(host, port, tls=tls)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return probe


def _connection(host: str, port: int, *, tls: bool) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=context)


def lives_for(seconds: float) -> Callable[[float], bool]:
    """For a process that says nothing: it is ready when it has not ended for so long."""
    return lambda alive: alive >= seconds
