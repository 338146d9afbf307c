"""What is said of a study beside its trials: importance, forecast, health, an honest ranking."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from caviar.api.models.insights import Comparison, Forecast, Health, Importance, Leaderboard
from caviar.api.parameters import IfNoneMatch, StudyRef, numbers_of
from caviar.api.routes import StudyRoute
from caviar.api.service import Service, ServiceOf
from caviar.insights.compare import MOST, compare
from caviar.insights.forecast import forecast
from caviar.insights.health.findings import health
from caviar.insights.importance.report import Method, importance
from caviar.insights.leaderboard import leaderboard
from caviar.insights.studies import find_study
from caviar.insights.views import View
from caviar.storage.database import Snapshot

router = APIRouter(prefix="/api/v1/studies", tags=["insights"], route_class=StudyRoute)

MOST_PLACES = 100
HEALTH_SECONDS = 10.0
Make = Callable[[Snapshot, View], dict[str, Any]]


@router.get("/{study}/importance", response_model=Importance)
def get_importance(
    service: ServiceOf, study: StudyRef, method: Method = "ped_anova", if_none_match: IfNoneMatch = None
) -> Response:
    """Which parameters mattered: over the whole space and among the good, with how sure that is."""
    return _kept(service, study, f"importance {method}", if_none_match, lambda _, view: importance(view, method))


@router.get("/{study}/forecast", response_model=Forecast)
def get_forecast(service: ServiceOf, study: StudyRef, if_none_match: IfNoneMatch = None) -> Response:
    """Time and compute still to come as ranges, what more trials would gain, what stopping saved."""
    return _kept(service, study, "forecast", if_none_match, lambda _, view: forecast(view))


@router.get("/{study}/health", response_model=Health)
def get_health(service: ServiceOf, study: StudyRef) -> Response:
    """What looks wrong, and what to do: the best at a bound, what failures share, trials that are stuck. It hangs on
    the time too, so it has no ETag."""
    now = service.clock()
    minute = int(now // HEALTH_SECONDS)
    return _kept(service, study, f"health {minute}", None, lambda _, view: health(view, now))


@router.get("/{study}/leaderboard", response_model=Leaderboard)
def get_leaderboard(
    service: ServiceOf,
    study: StudyRef,
    limit: Annotated[int, Query(ge=1, le=MOST_PLACES)] = 10,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Configurations by the mean over their seeds, ties in one place, and the ground that the first stands on."""
    return _kept(service, study, f"leaderboard {limit}", if_none_match, lambda _, view: leaderboard(view, limit))


@router.get("/{study}/compare", response_model=Comparison)
def get_comparison(
    service: ServiceOf,
    study: StudyRef,
    trials: Annotated[str, Query(max_length=400, description="Numbers, with commas between them")],
    metric: Annotated[str | None, Query(max_length=200)] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """At most 20 trials side by side: their parameters, those that differ first, and a metric (the study's own unless
    another is named) over one axis of steps."""
    numbers = numbers_of(trials, MOST)
    asked = f"compare {numbers} {metric}"
    return _kept(service, study, asked, if_none_match, lambda snapshot, view: compare(snapshot, view, numbers, metric))


def _kept(service: Service, reference: str, asked: str, if_none_match: str | None, make: Make) -> Response:
    with service.read() as snapshot:
        row = find_study(snapshot, reference)

        def made() -> tuple[int, dict[str, Any]]:
            view = service.views.of(snapshot, row)
            return view.revision, make(snapshot, view)

        return service.kept.answer(row, asked, if_none_match, made)
