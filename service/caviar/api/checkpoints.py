"""Checkpoints: what is kept of a trial and of a study, and what was removed and why."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from caviar.api.answers import answer, items
from caviar.api.models.checkpoints import Account, Checkpoints, State
from caviar.api.parameters import StudyRef, TrialId
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.insights.checkpoints import study_checkpoints, trial_checkpoints
from caviar.insights.studies import find_study
from caviar.insights.trials import find_trial

router = APIRouter(prefix="/api/v1", tags=["checkpoints"], route_class=StudyRoute)


@router.get("/trials/{trial}/checkpoints", response_model=Checkpoints)
def get_trial_checkpoints(service: ServiceOf, trial: TrialId) -> Response:
    """All that were ever made of the trial, oldest first."""
    with service.read() as snapshot:
        return answer(items(trial_checkpoints(snapshot, find_trial(snapshot, trial))))


@router.get("/studies/{study}/checkpoints", response_model=Account)
def get_study_checkpoints(
    service: ServiceOf,
    study: StudyRef,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """The newest checkpoints first, and how many of what size there are in each state."""
    with service.read() as snapshot:
        return answer(study_checkpoints(snapshot, find_study(snapshot, study), state, limit))
