"""GET /studies/{study}/events: what changed, as it does. The id of an event is the study's revision."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from caviar.api.models.studies import Change
from caviar.api.parameters import StudyRef
from caviar.api.routes import StudyRoute
from caviar.api.service import Service, ServiceOf
from caviar.domain.errors import NotFound
from caviar.insights.studies import changes, find_study

router = APIRouter(prefix="/api/v1", tags=["studies"], route_class=StudyRoute)

RECONNECT_MILLISECONDS = 1_000
FOREVER = 3_600.0


async def _known_study(service: ServiceOf, study: StudyRef) -> str:
    """The study's id; 404 before the stream begins."""

    def found() -> str:
        with service.read() as snapshot:
            return find_study(snapshot, study).id

    return await run_in_threadpool(found)


@router.get("/studies/{study}/events", response_class=EventSourceResponse, responses={200: {"model": Change}})
async def get_events(
    service: ServiceOf,
    study_id: Annotated[str, Depends(_known_study)],
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Begins with the present state, or with what changed since `Last-Event-ID`; ends when the study is deleted or
    the service stops."""
    seen = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
    service.measures.streams.inc()
    try:
        async for change in _changes(service, study_id, seen):
            revision = str(change["revision"])
            yield ServerSentEvent(data=change, event="change", id=revision, retry=RECONNECT_MILLISECONDS)
    finally:
        service.measures.streams.dec()


async def _changes(service: Service, study_id: str, seen: int | None) -> AsyncIterator[dict[str, Any]]:
    loop = asyncio.get_running_loop()
    with service.wakeups.listening(f"study:{study_id}") as signal:
        while not service.wakeups.draining:
            began = loop.time()
            try:
                change = await run_in_threadpool(_look, service, study_id, seen)
            except NotFound:
                return
            if change is not None:
                seen = change["revision"]
                yield change
            await service.wakeups.pause(signal, FOREVER)
            await service.wakeups.keep_pace(began)


def _look(service: Service, study_id: str, seen: int | None) -> dict[str, Any] | None:
    """What changed since revision `seen`; None for nothing. A first look shows the state and no trials."""
    with service.read() as snapshot:
        study = find_study(snapshot, study_id)
        if seen is None:
            return changes(snapshot, study, study.revision)
        return None if study.revision == seen else changes(snapshot, study, min(seen, study.revision))
