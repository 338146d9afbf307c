"""The port to serve on: the one that was asked for if it is free, or any free one for 0."""

import errno
import socket

from caviar.domain.errors import Conflict


def choose_port(host: str, port: int) -> int:
    """Raises Conflict when the address can't be bound, saying why."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _unusable(host, port, error) from error
        chosen: int = probe.getsockname()[1]
        return chosen


def _unusable(host: str, port: int, error: OSError) -> Conflict:
    why = {
        errno.EADDRINUSE: f"port {port} of {host} is in use by another program",
        errno.EACCES: f"port {port} may not be used without special rights",
    }.get(error.errno or 0, f"{host} is no address of this machine")
    return Conflict(why, hint="choose another with --port, or let `--port 0` find a free one", code="port_in_use")


def url_of(host: str, port: int, scheme: str = "http") -> str:
    """How programs on this machine reach a server that listens there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{scheme}://{reachable}:{port}"
