"""POST /preview: what a study would draw. Nothing is stored."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.models.others import Preview
from caviar.api.routes import StudyRoute
from caviar.domain.document import parse_study
from caviar.insights.preview import preview

router = APIRouter(prefix="/api/v1", tags=["studies"], route_class=StudyRoute)

SEED_BITS = 32


@router.post("/preview", response_model=Preview)
def preview_study(document: Annotated[Any, Body()]) -> Response:
    """The first configurations, a histogram per parameter, and advice about scales."""
    return answer(preview(parse_study(document), secrets.randbits(SEED_BITS)))
