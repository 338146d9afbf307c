"""/docs: the API's description, to read and to try, without a network. Swagger UI comes from fastapi-offline; its own
page has a script inside, which our answers forbid, so the page is ours."""

from pathlib import Path
from typing import Final, Literal

import fastapi_offline
from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

from caviar.api.routes import StudyRoute

router = APIRouter(prefix="/docs", route_class=StudyRoute, include_in_schema=False)

_FILES: Final = Path(fastapi_offline.__file__).parent / "static"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Caviar: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/login/docs.js"></script>
</body>
</html>
"""


@router.get("")
async def get_docs() -> Response:
    return HTMLResponse(_PAGE)


@router.get("/{file}")
async def get_docs_file(file: Literal["swagger-ui.css", "swagger-ui-bundle.js"]) -> Response:
    return FileResponse(_FILES / file)
