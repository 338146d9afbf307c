"""The application: routes, errors and background work around one engine on one database."""

import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute

from caviar.api import (
    agents,
    assets,
    bundles,
    checkpoints,
    dashboard,
    docs,
    documents,
    errors,
    events,
    exports,
    external,
    figures,
    insights,
    login_page,
    meta,
    openapi,
    preview,
    sessions,
    steering,
    studies,
    tokens,
    trials,
)
from caviar.api.auth import Authenticator
from caviar.api.background import Clock, Housekeeper, Planner
from caviar.api.bus import Bus
from caviar.api.gate import Gate
from caviar.api.hosts import Hosts
from caviar.api.kept import Kept
from caviar.api.lines import router as lines_router
from caviar.api.measures import Measures
from caviar.api.pace import Pace
from caviar.api.retunes import router as retunes_router
from caviar.api.routes import guarded
from caviar.api.service import Service
from caviar.api.settings import Settings
from caviar.api.wakeups import Wakeups
from caviar.engine.engine import Engine
from caviar.storage.database import Database

ROUTERS = (
    agents.sync_router,  # first: the busiest
    agents.router,
    studies.router,
    lines_router,
    retunes_router,
    exports.router,  # before the trial of that number
    trials.router,
    checkpoints.router,
    steering.router,
    figures.router,
    insights.router,
    external.router,
    events.router,
    preview.router,
    documents.router,
    bundles.router,
    tokens.router,
    assets.router,
    sessions.login_router,
    sessions.router,
    dashboard.router,
    docs.router,
    login_page.router,
    meta.health_router,
    meta.about_router,
    meta.router,
)


def create_app(settings: Settings, engine: Engine, database: Database, clock: Clock = time.time) -> FastAPI:
    """The schema must be there. The caller closes the database when the application has ended."""
    bus = Bus(database)
    authenticator = Authenticator(database, clock)
    pace = Pace(settings.requests_per_minute, settings.failures_per_minute, settings.failure_delay_seconds)
    kept = Kept(settings.longest_lag_seconds)
    service = Service(settings, engine, database, bus, Wakeups(bus), authenticator, pace, Measures(), kept, clock)
    app = FastAPI(
        title="Caviar",
        version=version("caviar"),
        description="Hyperparameter tuning: studies, trials, and the agents that train them.",
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for router in ROUTERS:
        app.router.routes.extend(guarded(router.routes))  # flat: an included router is matched twice for each request
    errors.register(app)
    app.add_middleware(Gate, authenticator=authenticator, hosts=Hosts(settings.hosts), pace=service.pace)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    with ExitStack() as running:
        running.enter_context(service.wakeups.running())
        running.enter_context(service.bus.running())
        if service.settings.background:
            uses = service.authenticator.write_uses
            running.enter_context(Housekeeper(service.engine, service.clock, each_minute=uses).running())
            planner = Planner(service.engine, service.bus, service.clock)
            running.enter_context(planner.running(service.settings.planners))
        yield


def _operation_id(route: APIRoute) -> str:
    return route.name
