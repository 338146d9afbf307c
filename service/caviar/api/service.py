"""What an endpoint works with: one object per application, handed in by dependency."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from caviar.api.auth import Authenticator
from caviar.api.background import Clock
from caviar.api.bus import Bus
from caviar.api.kept import Kept
from caviar.api.measures import Measures
from caviar.api.pace import Pace
from caviar.api.plotly_script import PlotlyScript
from caviar.api.settings import Settings
from caviar.api.wakeups import Wakeups
from caviar.engine.engine import Engine
from caviar.engine.work import Work
from caviar.insights.views import Views
from caviar.storage.database import Database, Snapshot


@dataclass(slots=True)
class Service:
    """`work` and `read` are opened inside an endpoint, in its one thread.

    (A `yield` dependency would enter, run and leave in three visits to the thread pool: with all its threads waiting
    to enter, the one that holds the write lock finds none to leave in.)
    """

    settings: Settings
    engine: Engine
    database: Database
    bus: Bus
    wakeups: Wakeups
    authenticator: Authenticator
    pace: Pace
    measures: Measures
    kept: Kept
    clock: Clock = time.time
    views: Views = field(default_factory=Views)
    plotly: PlotlyScript = field(default_factory=PlotlyScript)

    def work(self) -> AbstractContextManager[Work]:
        """A write transaction: committed when the block ends, before the answer leaves."""
        return self.engine.work(self.clock())

    def read(self) -> AbstractContextManager[Snapshot]:
        return self.database.read()


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]
