"""/studies/{study}/retune, /lineage: whether a result still holds, and what came of asking."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.idempotency import IdempotencyKey, Made, once
from caviar.api.models.retunes import Lineage, Retune, RetuneAsked
from caviar.api.parameters import StudyRef
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.engine.retune import Asked, start_retune
from caviar.engine.work import Work
from caviar.insights.lineage import lineage, retune_document
from caviar.insights.studies import find_study

router = APIRouter(prefix="/api/v1/studies", tags=["studies"], route_class=StudyRoute)


@router.post("/{study}/retune", status_code=201, response_model=Retune)
def retune(service: ServiceOf, study: StudyRef, key: IdempotencyKey, ask: RetuneAsked | None = None) -> Response:
    """Asks whether a finished study's result still holds. A canary runs its best configurations, neighbours and
    controls; only where the verdict is `stale` a new study begins. One that is under way already is the answer."""
    given = RetuneAsked() if ask is None else ask

    def make(work: Work) -> Made:
        row = start_retune(work, find_study(work.tx, study).id, _asked(given))
        return Made(retune_document(row), 201, f"/api/v1/studies/{row.study_id}/lineage")

    return once(service, key, make).response()


@router.get("/{study}/lineage", response_model=Lineage)
def get_lineage(service: ServiceOf, study: StudyRef) -> Response:
    """The tree the study stands in: what it was made of, its forks, canaries and re-tunes, with their verdicts."""
    with service.read() as snapshot:
        return answer(lineage(snapshot, find_study(snapshot, study)))


def _asked(ask: RetuneAsked) -> Asked:
    sizes: dict[str, Any] = ask.model_dump(include={"best", "neighbours", "controls", "repeats"}, exclude_none=True)
    return Asked(ask.trigger, ask.note, None if ask.data is None else ask.data.model_dump(), sizes)
