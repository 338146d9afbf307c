"""/studies: submitted, shown, waited for, steered, ranked."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from caviar.api.answers import answer, etag, is_known, items, unless_known
from caviar.api.idempotency import IdempotencyKey, Made, once
from caviar.api.models.steering import PauseStudy
from caviar.api.models.studies import Annotation, Extension, Ranking, Rounds, Stopping, Study, StudyPage
from caviar.api.parameters import IfNoneMatch, PageSize, PageToken, States, StudyRef, Wait, seconds_of
from caviar.api.routes import StudyRoute
from caviar.api.service import Service, ServiceOf
from caviar.domain.errors import DiskFull
from caviar.domain.states import StudyState, is_terminal
from caviar.engine import commands, steering
from caviar.engine.annotate import annotate
from caviar.engine.commands import locked
from caviar.engine.work import Work
from caviar.insights.recommended import recommended
from caviar.insights.stopping import study_stopping
from caviar.insights.studies import Query as StudyQuery
from caviar.insights.studies import find_study, list_studies, show_study, study_rounds
from caviar.insights.trials import parse_states, ranking
from caviar.storage.rows import StudyRow

router = APIRouter(prefix="/api/v1/studies", tags=["studies"], route_class=StudyRoute)

MOST_RANKED = 1_000
Seen = tuple[StudyRow, dict[str, Any]]
"""A study's record and its document, of one moment."""


@router.post("", status_code=201, response_model=Study)
def create_study(service: ServiceOf, document: Annotated[Any, Body()], key: IdempotencyKey) -> Response:
    """Stores a study and queues it. A bad document is refused whole, with one entry per mistake."""

    def make(work: Work) -> Made:
        study = commands.create_study(work, document)
        return Made(show_study(work.tx, study), 201, f"/api/v1/studies/{study.id}")

    return once(service, key, make).response()


@router.get("", response_model=StudyPage)
def get_studies(  # noqa: PLR0917 - the parameters of the query
    service: ServiceOf,
    state: States = None,
    search: Annotated[str, Query(max_length=200, description="Words in the name, a label or the notes")] = "",
    label: Annotated[str | None, Query(max_length=401, description="KEY=VALUE that a study has")] = None,
    order_by: Annotated[str, Query(max_length=40, description="- before it for descending")] = "-created_at",
    page_size: PageSize = 50,
    page_token: PageToken = None,
) -> Response:
    """All studies, the newest first unless `order_by` (name, state, best, ended, running, failed, compute_seconds,
    created_at, started_at, finished_at) says otherwise; those that lack it come last."""
    query = StudyQuery(parse_states(state, [each.value for each in StudyState]), search, label, order_by)
    with service.read() as snapshot:
        page = list_studies(snapshot, query, limit=page_size, token=page_token)
    return answer(page.to_document())


@router.get("/{study}", response_model=Study)
async def get_study(
    service: ServiceOf,
    study: StudyRef,
    wait: Wait = "0s",
    until: Annotated[Literal["changed", "finished"], Query(description="What `wait` waits for")] = "changed",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """With `wait`, answers when the study has changed (since the ETag in If-None-Match) or is finished, at the latest
    when the time is over."""
    row, document = await run_in_threadpool(_look, service, study)
    seconds = min(seconds_of(wait), service.settings.longest_wait_seconds)
    if seconds > 0:
        found, finished = row.id, until == "finished"
        reached = _finished if finished else _changed_since(row, if_none_match)
        topic = f"ended:{found}" if finished else f"study:{found}"
        row, document = await service.wakeups.until(topic, lambda: _look(service, found), reached, seconds)
    return unless_known(row, if_none_match, lambda: document)


@router.patch("/{study}", response_model=Study)
def annotate_study(service: ServiceOf, study: StudyRef, changes: Annotation) -> Response:
    """Labels and notes, of a study in any state."""
    return _act(service, study, lambda work, found: annotate(work, locked(work, found), changes.labels, changes.notes))


@router.delete("/{study}", status_code=204, response_class=Response)
def delete_study(service: ServiceOf, study: StudyRef) -> Response:
    """Hides the study at once and stops what runs; it is purged when nothing of it runs any more."""
    try:
        _delete(service, study)
    except DiskFull:  # deleting writes before it frees
        if not service.database.make_room():
            raise
        _delete(service, study)
    return Response(status_code=204)


@router.post("/{study}/pause", response_model=Study)
def pause_study(service: ServiceOf, study: StudyRef, pause: PauseStudy | None = None) -> Response:
    """Starts nothing more; what runs goes on, or is paused as well with `running`."""
    whole = pause is not None and pause.running
    return _act(service, study, steering.pause_whole_study if whole else commands.pause_study)


@router.post("/{study}/resume", response_model=Study)
def resume_study(service: ServiceOf, study: StudyRef) -> Response:
    """Goes on, also with the trials that were paused with the study."""
    return _act(service, study, steering.resume_whole_study)


@router.post("/{study}/stop", response_model=Study)
def stop_study(service: ServiceOf, study: StudyRef) -> Response:
    """Ends the study and its running trials."""
    return _act(service, study, commands.stop_study)


@router.post("/{study}/extend", response_model=Study)
def extend_study(service: ServiceOf, study: StudyRef, budget: Extension) -> Response:
    """Raises the budget or `parallel` while the study runs; one that has used its budget up goes on."""
    changed = budget.model_dump(exclude_unset=True)
    return _act(service, study, lambda work, study_id: commands.extend_study(work, study_id, changed))


@router.get("/{study}/ranking", response_model=Ranking)
def get_ranking(
    service: ServiceOf,
    study: StudyRef,
    limit: Annotated[int, Query(ge=1, le=MOST_RANKED)] = 20,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Completed trials, best first, and the configuration to take. While the study runs, an answer may lag a little."""
    with service.read() as snapshot:
        row = find_study(snapshot, study)

        def make() -> tuple[int, dict[str, Any]]:
            view = service.views.of(snapshot, row)
            ranked = items(ranking(snapshot, row, limit))
            return row.revision, {**ranked, "recommended": recommended(snapshot, view)}

        return service.kept.answer(row, f"ranking {limit}", if_none_match, make)


@router.get("/{study}/rounds", response_model=Rounds)
def get_rounds(service: ServiceOf, study: StudyRef, if_none_match: IfNoneMatch = None) -> Response:
    """Coarse-to-fine: where each round looked, and what moved each bound."""
    with service.read() as snapshot:
        row = find_study(snapshot, study)
        return unless_known(row, if_none_match, lambda: items(study_rounds(snapshot, row)))


@router.get("/{study}/stopping", response_model=Stopping)
def get_stopping(service: ServiceOf, study: StudyRef, if_none_match: IfNoneMatch = None) -> Response:
    """What stopping early did, and how often it would have stopped a winner: as far as the audit tells."""
    with service.read() as snapshot:
        row = find_study(snapshot, study)
        return unless_known(row, if_none_match, lambda: study_stopping(snapshot, row))


def _look(service: Service, reference: str) -> Seen:
    with service.read() as snapshot:
        study = find_study(snapshot, reference)
        return study, show_study(snapshot, study)


def _delete(service: Service, study: str) -> None:
    with service.work() as work:
        commands.delete_study(work, find_study(work.tx, study).id)


def _act(service: Service, reference: str, command: Callable[[Work, str], StudyRow]) -> Response:
    with service.work() as work:
        study = command(work, find_study(work.tx, reference).id)
        document = show_study(work.tx, study)
    return answer(document)


def _finished(seen: Seen) -> bool:
    return is_terminal(seen[0].state)


def _changed_since(first: StudyRow, if_none_match: str | None) -> Callable[[Seen], bool]:
    """Since the ETag, or since `first` where none was sent."""
    known = if_none_match or etag(first)
    return lambda seen: not is_known(etag(seen[0]), known)
