"""GET /studies/{study}/trials/export: what a filter lets through, streamed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from caviar.api.parameters import Filter, Order, States, StudyRef
from caviar.api.routes import StudyRoute
from caviar.api.service import ServiceOf
from caviar.domain.states import TrialState
from caviar.insights.export.parquet import as_parquet
from caviar.insights.export.selection import Selection, select
from caviar.insights.export.text import as_csv, as_json, as_json_lines
from caviar.insights.studies import find_study
from caviar.insights.trials import Query as TrialQuery
from caviar.insights.trials import parse_states

router = APIRouter(prefix="/api/v1", tags=["trials"], route_class=StudyRoute)

Form = Literal["csv", "json", "jsonl", "parquet"]
WRITERS: Final[Mapping[Form, tuple[Callable[[Selection], Iterator[bytes]], str]]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "jsonl": (as_json_lines, "application/x-ndjson"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
}
DESCRIBED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media.partition(";")[0]: {} for _, media in WRITERS.values()}}
}


@router.get("/studies/{study}/trials/export", response_class=StreamingResponse, responses=DESCRIBED)
def export_trials(
    service: ServiceOf,
    study: StudyRef,
    format: Annotated[Form, Query(description="jsonl is a document a line")] = "csv",  # noqa: A002 - the API's name
    state: States = None,
    order_by: Order = "number",
    filter: Filter = None,  # noqa: A002
) -> StreamingResponse:
    """All trials that the filter lets through, however many: they are streamed. Cells of CSV that a spreadsheet would
    take for formulas begin with an apostrophe. Parquet needs pyarrow."""
    query = TrialQuery(parse_states(state, [each.value for each in TrialState]), order_by, filter)
    with service.read() as snapshot:
        row = find_study(snapshot, study)
        view = service.views.of(snapshot, row)
    write, media_type = WRITERS[format]
    stream = write(select(view, query, service.read))
    headers = {"Content-Disposition": f'attachment; filename="{row.name}.{format}"', "Cache-Control": "no-store"}
    return StreamingResponse(stream, media_type=media_type, headers=headers)
