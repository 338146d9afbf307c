"""/agents: the one endpoint that agents call, and what people see of them."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from caviar.api.answers import JSON, answer, items
from caviar.api.models.others import AgentDetail, Agents
from caviar.api.routes import StudyRoute, SyncRoute
from caviar.api.service import Service, ServiceOf
from caviar.api.wire_body import read_sync
from caviar.domain.errors import Conflict, InvalidInput, Problem
from caviar.domain.ids import is_uuid
from caviar.engine.sync import SyncResult
from caviar.insights.clusters import list_agents, show_agent
from caviar_workers.protocol import MAX_EVENTS, PROTOCOL_VERSION, SyncRequest, SyncResponse

sync_router = APIRouter(prefix="/api/v1/agents", tags=["agents"], route_class=SyncRoute)
router = APIRouter(prefix="/api/v1/agents", tags=["agents"], route_class=StudyRoute)

AGENT = {"name": "agent", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
PARKED = "agents"
"""The topic of whatever may give an agent something to do."""


@sync_router.post("/{agent}/sync", response_model=SyncResponse, openapi_extra={"parameters": [AGENT]})
async def sync_agent(request: Request) -> Response:
    """One round trip of an agent: what its cluster holds and what happened there, for trials to run and orders. With
    `wait`, an answer that says nothing is held back until there is something to sync for."""
    service: Service = request.app.state.service
    agent = request.path_params["agent"]
    if not is_uuid(agent):
        raise InvalidInput([Problem("/agent", "an agent's id is a UUID, in lower case")])
    body = await request.body()
    mine = f"agent:{agent}"
    service.wakeups.ring(mine)
    with service.wakeups.listening(PARKED, mine) as signal:
        asked, result = await run_in_threadpool(_sync, service, agent, body)
        if result.parks and not service.wakeups.draining:
            service.measures.parked.inc()
            try:
                await signal.wait(min(asked.wait, _longest_park(service)))
            finally:
                service.measures.parked.dec()
    return Response(result.response.model_dump_json().encode(), media_type=JSON)


@router.get("", response_model=Agents)
def get_agents(service: ServiceOf) -> Response:
    """Every agent that ever synced: its cluster, and when it was last heard of."""
    with service.read() as snapshot:
        return answer(items(list_agents(snapshot, service.clock(), service.settings.lease_seconds)))


@router.get("/{agent}", response_model=AgentDetail)
def get_agent(service: ServiceOf, agent: str) -> Response:
    """With the trials it has in hand."""
    with service.read() as snapshot:
        return answer(show_agent(snapshot, agent, service.clock(), service.settings.lease_seconds))


def _sync(service: Service, agent: str, body: bytes) -> tuple[SyncRequest, SyncResult]:
    asked = _parsed(body)
    with service.measures.sync_seconds.time():
        result = service.engine.sync(agent, asked, service.clock(), draining=service.wakeups.draining)
    service.measures.events.inc(len(asked.events))
    return asked, result


def _parsed(body: bytes) -> SyncRequest:
    asked = read_sync(body)
    if asked.protocol != PROTOCOL_VERSION:
        raise Conflict(
            f"The agent speaks version {asked.protocol} of the protocol, the service {PROTOCOL_VERSION}.",
            code="protocol_mismatch",
            hint="Install the same version of caviar on both.",
        )
    if len(asked.events) > MAX_EVENTS:
        raise InvalidInput([Problem("/events", f"are more than {MAX_EVENTS:,}: send them in several syncs")])
    return asked


def _longest_park(service: Service) -> float:
    """Short while the bus does not hear the other replicas: then a look replaces the wake-up."""
    return service.settings.longest_park_seconds if service.bus.is_complete else 1.0
