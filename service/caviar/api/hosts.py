"""Which Host headers are answered: a name that nobody gave this service is a page's trick to reach it by DNS."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address

from starlette.types import Scope

from caviar.domain.errors import WrongHost


class Hosts:
    """Addresses and `localhost` are always ours (a trick needs a name); `allowed` names more, `*.example.org` all
    below, `*` any."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = tuple(name.lower().rstrip(".") for name in allowed)
        self._is_ours = lru_cache(maxsize=512)(self._decide)

    def require(self, scope: Scope) -> None:
        """Raises WrongHost."""
        named = [bytes(value) for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1 or not self._is_ours(named[0]):
            raise WrongHost(
                "This service is not known by the name that the request has as its Host.",
                hint="Start it with CAVIAR_ALLOWED_HOSTS=NAME,... to have it answer to more names.",
            )

    def _decide(self, header: bytes) -> bool:
        host = _name_of(header.decode("latin-1").lower())
        return _is_address(host) or host == "localhost" or any(_covers(each, host) for each in self._allowed)


def is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _name_of(header: str) -> str:
    """Without the port, the brackets of IPv6 and the root's dot."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _covers(allowed: str, host: str) -> bool:
    return allowed in ("*", host) or (allowed.startswith("*.") and host.endswith(allowed[1:]))
