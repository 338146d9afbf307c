"""Where the service may listen: on this machine, or elsewhere with TLS or behind something that has it."""

from pathlib import Path

from caviar.api.hosts import is_loopback
from caviar.domain.errors import InvalidInput, Problem


def check_binding(host: str, cert: Path | None, key: Path | None, *, behind_proxy: bool) -> None:
    """Raises InvalidInput, before anything is started."""
    if (cert is None) != (key is None):
        raise InvalidInput([Problem("", "TLS needs both, --tls-cert and --tls-key")])
    for file in (cert, key):
        if file is not None and not file.is_file():
            raise InvalidInput([Problem("", f"there is no file {file}")])
    if cert is None and not behind_proxy and not is_loopback(host):
        raise InvalidInput(
            [Problem("", f"on {host}, others on the network could read every token on its way")],
            hint="give --tls-cert and --tls-key, or --behind-proxy when TLS or a network of your own is in front of it",
        )
