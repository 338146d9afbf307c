"""GET /studies/{study}/figures/{kind}: pictures in Plotly's form, thinned to what a screen shows."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from caviar.api.models.insights import Figure
from caviar.api.parameters import IfNoneMatch, States, StudyRef, listed, numbers_of
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.domain.states import TrialState
from caviar.insights.figures.asked import Along, Asked
from caviar.insights.figures.draw import Kind, draw
from caviar.insights.studies import find_study
from caviar.insights.trials import parse_states

router = APIRouter(prefix="/api/v1/studies", tags=["insights"], route_class=StudyRoute)

MOST_TRIALS = 200
Names = Annotated[str | None, Query(max_length=4_000, description="Names, with commas between them")]
Numbers = Annotated[str | None, Query(max_length=4_000, description="Trials' numbers, with commas between them")]


@router.get("/{study}/figures/{kind}", response_model=Figure)
def get_figure(  # noqa: PLR0913, PLR0917 - the parameters of the query
    service: ServiceOf,
    study: StudyRef,
    kind: Kind,
    x: Along = "number",
    state: States = None,
    origin: Names = None,
    params: Names = None,
    best: Annotated[int, Query(ge=0, le=MOST_TRIALS)] = 20,
    trials: Numbers = None,
    metric: Annotated[str | None, Query(max_length=200)] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """`x` is what a history runs along; `state` and `origin` leave only such trials; `params` says which parameters,
    in which order. Shown whatever else is thinned: the `best`, what runs, and the numbers in `trials`. While the study
    runs, an answer may lag a little: its `revision` says of when it is."""
    states = parse_states(state, [each.value for each in TrialState])
    asked = Asked(x, states, frozenset(listed(origin)), listed(params), best, numbers_of(trials, MOST_TRIALS), metric)
    with service.read() as snapshot:
        row = find_study(snapshot, study)

        def make() -> tuple[int, dict[str, object]]:
            view = service.views.of(snapshot, row)
            return view.revision, draw(kind, snapshot, view, asked)

        return service.kept.answer(row, ("figure", kind, asked), if_none_match, make)
