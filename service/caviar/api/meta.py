"""Whether it lives, whether it is ready, what it is, how it does."""

from importlib.metadata import version
from typing import get_args

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.measures import stored_text
from caviar.api.models.others import Meta, Status
from caviar.api.routes import OpenRoute, OwnRoute, StudyRoute
from caviar.api.service import Service, ServiceOf
from caviar.domain.errors import Unavailable
from caviar.domain.spec import Strategy
from caviar.storage import migrate
from caviar_workers.protocol import PROTOCOL_VERSION

health_router = APIRouter(tags=["service"], route_class=OpenRoute)
router = APIRouter(tags=["service"], route_class=StudyRoute)
about_router = APIRouter(tags=["service"], route_class=OwnRoute)


@health_router.get("/livez", response_model=Status)
async def get_livez() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@health_router.get("/readyz", response_model=Status)
async def get_readyz(service: ServiceOf) -> Response:
    """It takes requests: the database answers, and the service is not stopping."""
    if service.wakeups.draining:
        raise Unavailable("The service is stopping.")
    await run_in_threadpool(_ask_database, service)
    return answer({"status": "ready"})


@about_router.get("/api/v1/meta", response_model=Meta)
def get_meta(service: ServiceOf) -> Response:
    return answer(
        {
            "version": version("caviar"),
            "api": "v1",
            "protocol": PROTOCOL_VERSION,
            "database": "sqlite" if service.database.is_sqlite else "postgresql",
            "schema_revision": migrate.current(service.database),
            "strategies": list(get_args(Strategy)),
            "plotly": service.plotly.address,
        }
    )


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def get_service_metrics(service: ServiceOf) -> Response:
    """For Prometheus."""
    stored = stored_text(service.database, service.settings.lease_seconds, service.clock())
    return Response(service.measures.text() + stored, media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", response_class=Response, include_in_schema=False)
async def get_openapi(request: Request) -> Response:
    return answer(request.app.openapi())


def _ask_database(service: Service) -> None:
    with service.read() as snapshot:
        snapshot.connection.exec_driver_sql("SELECT 1")
