"""/assets: files of installed packages, under addresses that change with their contents."""

from typing import Annotated

from fastapi import APIRouter, Header, Path
from starlette.responses import Response

from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.domain.errors import NotFound

router = APIRouter(prefix="/assets", tags=["service"], route_class=StudyRoute)


@router.get("/plotly-{release}.min.js", response_class=Response, responses={200: {"content": {"text/javascript": {}}}})
def get_plotly(
    service: ServiceOf,
    release: Annotated[str, Path(max_length=100)],
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """plotly.js for pages that show figures. GET /api/v1/meta tells its address, which holds for one version of it."""
    if release != service.plotly.release:
        raise NotFound("There is no such version here.", hint="GET /api/v1/meta tells the address.")
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in accept_encoding.lower():
        headers["Content-Encoding"] = "gzip"
        return Response(service.plotly.compressed(), 200, headers, "text/javascript")
    return Response(service.plotly.content, 200, headers, "text/javascript")
