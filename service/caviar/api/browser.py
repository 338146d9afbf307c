"""What a browser is told and asked: headers on every answer, the session's cookie, and that a request with a cookie
comes from a page of ours."""

from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.types import Scope

from caviar.domain.errors import Forbidden

CSRF_HEADER: Final = b"caviar-csrf"
"""No page of another origin can send it without being asked first, and nobody is told yes."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({b"same-origin", b"none"})
"""Sec-Fetch-Site: from our own pages, or typed by the user. Another port of the same host is `same-site`: not ours."""

_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", _CSP.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


def cookie_name(scope: Scope) -> str:
    """Has the port in it: browsers send the cookies of one port to all ports of a host."""
    _, port = scope.get("server") or ("", 0)
    return f"{'__Host-' if is_secure(scope) else ''}caviar_session_{port}"


def cookie(scope: Scope, secret: str, seconds: int) -> str:
    """The value of Set-Cookie; `seconds` 0 takes it away."""
    secure = "; Secure" if is_secure(scope) else ""
    return f"{cookie_name(scope)}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def session_secret(scope: Scope) -> str | None:
    name = cookie_name(scope)
    for value in _values(scope, b"cookie"):
        try:
            found = SimpleCookie(value.decode("latin-1")).get(name)
        except CookieError:
            continue
        if found is not None:
            return found.value
    return None


def require_own_page(scope: Scope) -> None:
    """Raises Forbidden for a request that a page of another origin may have made."""
    if scope["method"] not in SAFE_METHODS and not any(_values(scope, CSRF_HEADER)):
        raise Forbidden("This request lacks the header Caviar-Csrf.", code="cross_site", hint="Send Caviar-Csrf: 1.")
    site = next(_values(scope, b"sec-fetch-site"), None)
    if site is not None:
        ours = site in _OURS
    elif scope["method"] in SAFE_METHODS:
        ours = True
    else:
        ours = _is_own_origin(scope)
    if not ours:
        raise Forbidden("This request comes from a page of another site.", code="cross_site")


def navigates(scope: Scope) -> bool:
    """Somebody opened an address, as opposed to a script that asks."""
    return scope["method"] == "GET" and next(_values(scope, b"sec-fetch-mode"), None) == b"navigate"


def is_secure(scope: Scope) -> bool:
    return bool(scope.get("scheme") == "https")


def _is_own_origin(scope: Scope) -> bool:
    """Clients that are no browsers send neither header, and need no cookie either: they are refused."""
    origin = next(_values(scope, b"origin"), b"")
    host = next(_values(scope, b"host"), b"")
    return bool(host) and origin in (b"http://" + host, b"https://" + host)


def _values(scope: Scope, wanted: bytes) -> Iterator[bytes]:
    return (bytes(value) for name, value in scope["headers"] if name == wanted)
