"""/studies/{study}/fork, /space, /inherited: studies made of others, and spaces that change under way."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from caviar.api.answers import answer, items, unless_known
from caviar.api.idempotency import IdempotencyKey, Made, once
from caviar.api.models.studies import Fork, InheritedResults, SpaceChange, Study
from caviar.api.parameters import IfNoneMatch, StudyRef
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.engine.fork import edit_space, fork_study
from caviar.engine.work import Work
from caviar.insights.studies import find_study, show_study, study_inherited

router = APIRouter(prefix="/api/v1/studies", tags=["studies"], route_class=StudyRoute)

MOST_SHOWN = 1_000


@router.post("/{study}/fork", status_code=201, response_model=Study)
def fork(service: ServiceOf, study: StudyRef, changes: Fork, key: IdempotencyKey) -> Response:
    """Starts a study with this one's document, changed. Results of this one that lie in the new space count as its
    history; they are none of its trials, and no part of its budget."""

    def make(work: Work) -> Made:
        parent = find_study(work.tx, study)
        made = fork_study(work, parent.id, changes.model_dump(exclude_unset=True))
        return Made(show_study(work.tx, made), 201, f"/api/v1/studies/{made.id}")

    return once(service, key, make).response()


@router.patch("/{study}/space", response_model=Study)
def change_space(service: ServiceOf, study: StudyRef, changes: SpaceChange) -> Response:
    """Narrows, widens or freezes parameters while the study goes on. Trials keep their numbers, and count as evidence
    where they lie in the new space."""
    with service.work() as work:
        changed = edit_space(work, find_study(work.tx, study).id, changes.model_dump(exclude_unset=True))
        document = show_study(work.tx, changed)
    return answer(document)


@router.get("/{study}/inherited", response_model=InheritedResults)
def get_inherited(
    service: ServiceOf,
    study: StudyRef,
    limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = MOST_SHOWN,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Results of other studies: those that count as this one's history, and those that do not, with the reason."""
    with service.read() as snapshot:
        row = find_study(snapshot, study)
        return unless_known(row, if_none_match, lambda: items(study_inherited(snapshot, row, limit)))
