"""The dashboard's files: read and compressed once, under addresses that change when they do."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from caviar.api.answers import is_known
from caviar.api.routes import OpenRoute
from caviar.domain.errors import NotFound

router = APIRouter(route_class=OpenRoute, include_in_schema=False)

FOLDER = Path(__file__).parent.parent / "dashboard"
PREFIX = "/dashboard/"
INDEX = "index.html"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"

Accepted = Annotated[str | None, Header(alias="accept-encoding")]
Known = Annotated[str | None, Header(alias="if-none-match")]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `packed` is its gzip."""

    body: bytes
    packed: bytes
    media_type: str

    @classmethod
    def of(cls, body: bytes, suffix: str) -> "Asset":
        media_type = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
        return cls(body, gzip.compress(body, 9, mtime=0), media_type)

    def response(self, accepted: str | None, headers: dict[str, str]) -> Response:
        headers = {**headers, "Vary": "Accept-Encoding"}
        if "gzip" in (accepted or ""):
            return Response(self.packed, 200, {**headers, "Content-Encoding": "gzip"}, self.media_type)
        return Response(self.body, 200, headers, self.media_type)


@dataclass(frozen=True, slots=True)
class Site:
    """`digest` names the state of all files together, so that a page never mixes two versions of them."""

    digest: str
    index: Asset
    assets: dict[str, Asset]


@cache
def site() -> Site:
    """Once per process."""
    files = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.*"))}
    page = files.pop(INDEX)
    digest = hashlib.sha256(b"\0".join(name.encode() + b"\0" + body for name, body in files.items()) + page)
    base = f"{PREFIX}{digest.hexdigest()[:16]}/"
    modules = "".join(f'<link rel="modulepreload" href="{base}{name}">\n' for name in files if name.endswith(".js"))
    page = page.replace(b"{{base}}", base.encode()).replace(b"{{modules}}", modules.encode())
    assets = {name: Asset.of(body, Path(name).suffix) for name, body in files.items()}
    return Site(digest.hexdigest()[:16], Asset.of(page, ".html"), assets)


@router.get("/", response_class=Response)
@router.get(PREFIX, response_class=Response)
def get_dashboard(accepted: Accepted = None, known: Known = None) -> Response:
    """The one page; it has no secrets and asks for a session itself."""
    tag = f'"{site().digest}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    return (
        Response(status_code=304, headers=headers) if is_known(tag, known) else site().index.response(accepted, headers)
    )


@router.get(PREFIX + "{digest}/{path:path}", response_class=Response)
def get_asset(digest: str, path: str, accepted: Accepted = None) -> Response:
    asset = site().assets.get(path) if digest == site().digest else None
    if asset is None:
        raise NotFound("There is no such file.", hint="Reload the page: the service has a newer dashboard.")
    return asset.response(accepted, {"Cache-Control": _FOREVER})
