"""/login: the page that a login link opens, and the scripts of pages that are no part of the dashboard (our answers
forbid scripts inside of pages)."""

from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from caviar.api.routes import OpenRoute

router = APIRouter(prefix="/login", route_class=OpenRoute, include_in_schema=False)

_FOLDER: Final = Path(__file__).parent / "pages"
_CHECKED: Final = {"Cache-Control": "no-cache"}


@router.get("")
async def get_login_page() -> Response:
    return FileResponse(_FOLDER / "login.html", headers=_CHECKED)


@router.get("/{file}")
async def get_login_file(file: Literal["login.js", "docs.js"]) -> Response:
    return FileResponse(_FOLDER / file, headers=_CHECKED)
