"""What is said of a study beside its trials: importance, forecast, health."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from caviar.api.models.insights import Importance
from caviar.api.parameters import IfNoneMatch, StudyRef
from caviar.api.routes import StudyRoute
from caviar.api.service import Service, ServiceOf
from caviar.insights.importance.report import Method, importance
from caviar.insights.studies import find_study
from caviar.insights.views import View
from caviar.storage.database import Snapshot

router = APIRouter(prefix="/api/v1/studies", tags=["insights"], route_class=StudyRoute)

Make = Callable[[Snapshot, View], dict[str, Any]]


@router.get("/{study}/importance", response_model=Importance)
def get_importance(
    service: ServiceOf, study: StudyRef, method: Method = "ped_anova", if_none_match: IfNoneMatch = None
) -> Response:
    """Which parameters mattered: over the whole space and among the good, with how sure that is."""
    return _kept(service, study, f"importance {method}", if_none_match, lambda _, view: importance(view, method))


def _kept(service: Service, reference: str, asked: str, if_none_match: str | None, make: Make) -> Response:
    with service.read() as snapshot:
        row = find_study(snapshot, reference)

        def made() -> tuple[int, dict[str, Any]]:
            view = service.views.of(snapshot, row)
            return view.revision, make(snapshot, view)

        return service.kept.answer(row, asked, if_none_match, made)
