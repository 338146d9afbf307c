"""Trials: a study's by number, any by id; what they reported and printed; one more by hand, one less."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from caviar.api.answers import answer, items, unless_known
from caviar.api.idempotency import IdempotencyKey, Made, once
from caviar.api.models.trials import Attempts, Enqueue, Trial, TrialPage
from caviar.api.parameters import Filter, IfNoneMatch, Order, PageSize, PageToken, States, StudyRef, TrialId
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.domain.states import TrialState
from caviar.engine import commands
from caviar.engine.work import Work
from caviar.insights.documents import trial_document
from caviar.insights.logs import trial_log
from caviar.insights.series import MOST_POINTS, trial_metrics
from caviar.insights.studies import find_study
from caviar.insights.trials import (
    Query as TrialQuery,
)
from caviar.insights.trials import find_number, find_trial, list_trials, parse_states, study_of, trial_attempts

router = APIRouter(prefix="/api/v1", tags=["trials"], route_class=StudyRoute)

CURSOR = "Caviar-Log-Cursor"
MORE = "Caviar-Log-More"


@router.get("/studies/{study}/trials", response_model=TrialPage)
def get_trials(  # noqa: PLR0913, PLR0917 - the parameters of the query
    service: ServiceOf,
    study: StudyRef,
    state: States = None,
    order_by: Order = "number",
    page_size: PageSize = 50,
    page_token: PageToken = None,
    filter: Filter = None,  # noqa: A002 - the parameter's name in the API
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A page of trials. Those that lack the field they are ordered by come last."""
    query = TrialQuery(parse_states(state, [each.value for each in TrialState]), order_by, filter)
    with service.read() as snapshot:
        row = find_study(snapshot, study)
        return unless_known(
            row,
            if_none_match,
            lambda: list_trials(
                snapshot, service.views.of(snapshot, row), query, limit=page_size, token=page_token
            ).to_document(),
        )


@router.post("/studies/{study}/trials", status_code=201, response_model=Trial)
def enqueue_trial(service: ServiceOf, study: StudyRef, trial: Enqueue, key: IdempotencyKey) -> Response:
    """Tries a configuration of one's own: the next number, before new suggestions."""

    def make(work: Work) -> Made:
        made = commands.enqueue_trial(work, find_study(work.tx, study).id, trial.params)
        return Made(trial_document(made), 201, f"/api/v1/trials/{made.id}")

    return once(service, key, make).response()


@router.get("/studies/{study}/trials/{number}", response_model=Trial)
def get_trial_by_number(
    service: ServiceOf, study: StudyRef, number: Annotated[int, Path(ge=0)], if_none_match: IfNoneMatch = None
) -> Response:
    with service.read() as snapshot:
        row = find_study(snapshot, study)
        return unless_known(row, if_none_match, lambda: trial_document(find_number(snapshot, row, number)))


@router.get("/trials/{trial}", response_model=Trial)
def get_trial(service: ServiceOf, trial: TrialId, if_none_match: IfNoneMatch = None) -> Response:
    with service.read() as snapshot:
        row = find_trial(snapshot, trial)
        return unless_known(study_of(snapshot, row), if_none_match, lambda: trial_document(row))


@router.get("/trials/{trial}/metrics", response_model=dict[str, list[float | str | None]])
def get_metrics(
    service: ServiceOf,
    trial: TrialId,
    points: Annotated[int, Query(ge=2, le=MOST_POINTS)] = MOST_POINTS,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """By column, `step` among them, of the newest attempt; thinned to `points` rows that keep the extremes."""
    with service.read() as snapshot:
        row = find_trial(snapshot, trial)
        return unless_known(study_of(snapshot, row), if_none_match, lambda: trial_metrics(snapshot, row, points))


@router.get("/trials/{trial}/logs", response_class=Response)
def get_logs(
    service: ServiceOf,
    trial: TrialId,
    after: Annotated[str | None, Query(max_length=40, description=f"The header {CURSOR} of the answer before")] = None,
    tail: Annotated[int | None, Query(ge=0, le=2**31, description="The last so many bytes, in whole pieces")] = None,
) -> Response:
    """stdout and stderr as plain text, as far as they are kept."""
    with service.read() as snapshot:
        log = trial_log(snapshot, find_trial(snapshot, trial), after=after, tail=tail)
    headers = {CURSOR: log.cursor, MORE: "true" if log.more else "false"}
    return Response(log.text.encode("utf-8", "replace"), 200, headers, "text/plain; charset=utf-8")


@router.get("/trials/{trial}/attempts", response_model=Attempts)
def get_attempts(service: ServiceOf, trial: TrialId) -> Response:
    """Each execution of the trial, first to last."""
    with service.read() as snapshot:
        return answer(items(trial_attempts(snapshot, find_trial(snapshot, trial))))


@router.post("/trials/{trial}/stop", response_model=Trial)
def stop_trial(service: ServiceOf, trial: TrialId) -> Response:
    """Ends one trial; its last value stands."""
    with service.work() as work:
        find_trial(work.tx, trial)
        document = trial_document(commands.stop_trial(work, trial))
    return answer(document)
