"""Steering one trial: pause, resume, nudge; and what was done to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.auth import PRINCIPAL
from caviar.api.idempotency import IdempotencyKey, Made, once
from caviar.api.models.steering import Nudge, Nudging, Pause, Paused, StudyNudges, TrialNudges
from caviar.api.models.trials import Trial
from caviar.api.parameters import StudyRef, TrialId
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.domain.fields import MAX_TRIALS
from caviar.domain.schedule import MAX_STEP
from caviar.engine import steering
from caviar.engine.steering import NudgeOrder
from caviar.engine.work import Work
from caviar.insights.documents import nudge_document, trial_document
from caviar.insights.nudges import study_nudges, trial_nudges
from caviar.insights.schedule import schedule_of
from caviar.insights.studies import find_study
from caviar.insights.trials import find_trial, study_of
from caviar.storage import tokens

router = APIRouter(prefix="/api/v1", tags=["steering"], route_class=StudyRoute)


@router.post("/trials/{trial}/pause", response_model=Paused)
def pause_trial(service: ServiceOf, trial: TrialId, pause: Pause | None = None) -> Response:
    """Frees the trial's place between two steps; it goes on from its newest checkpoint when it is resumed."""
    with service.work() as work:
        find_trial(work.tx, trial)
        paused, warning = steering.pause_trial(work, trial, restart=pause is not None and pause.restart)
        document = {**trial_document(paused), "warning": warning}
    return answer(document)


@router.post("/trials/{trial}/resume", response_model=Trial)
def resume_trial(service: ServiceOf, trial: TrialId) -> Response:
    """Lets a paused trial go on as soon as there is room, on whatever node."""
    with service.work() as work:
        find_trial(work.tx, trial)
        document = trial_document(steering.resume_trial(work, trial))
    return answer(document)


@router.post("/trials/{trial}/nudge", status_code=201, response_model=Nudging)
def nudge_trial(service: ServiceOf, request: Request, trial: TrialId, nudge: Nudge, key: IdempotencyKey) -> Response:
    """Changes parameters of a trial under way, between two of its steps. Kept for good, with who said so."""
    token_id = request.scope[PRINCIPAL].id

    def make(work: Work) -> Made:
        find_trial(work.tx, trial)
        order = NudgeOrder(nudge.params, nudge.note, tokens.name_of(work.tx, token_id), nudge.twin)
        made = steering.nudge_trial(work, trial, order)
        return Made({**nudge_document(made.nudge), "warning": made.warning}, 201, f"/api/v1/trials/{trial}/nudges")

    return once(service, key, make).response()


@router.get("/trials/{trial}/nudges", response_model=TrialNudges)
def get_trial_nudges(service: ServiceOf, trial: TrialId) -> Response:
    """What was changed of the trial, oldest first, and the segments that this cut it into."""
    with service.read() as snapshot:
        return answer(trial_nudges(snapshot, find_trial(snapshot, trial)))


@router.get("/trials/{trial}/schedule", response_model=dict[str, Any], responses={409: {}})
def get_schedule(
    service: ServiceOf,
    trial: TrialId,
    name: Annotated[str | None, Query(max_length=200)] = None,
    trials: Annotated[int | None, Query(ge=1, le=MAX_TRIALS)] = None,
    plateau: Annotated[float | None, Query(gt=0, le=MAX_STEP)] = None,
) -> Response:
    """A study document whose rules do to every trial what was done to this one: submit it to launch it."""
    with service.read() as snapshot:
        row = find_trial(snapshot, trial)
        study = study_of(snapshot, row)
        return answer(schedule_of(snapshot, study, row, name=name, trials=trials, plateau=plateau))


@router.get("/studies/{study}/nudges", response_model=StudyNudges)
def get_study_nudges(
    service: ServiceOf, study: StudyRef, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
) -> Response:
    """What was changed of the study's trials, by people, rules and the search, newest first."""
    with service.read() as snapshot:
        return answer(study_nudges(snapshot, find_study(snapshot, study), limit))
