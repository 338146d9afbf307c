"""Ask and tell: studies whose trials a program of the user's runs."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from caviar.api.idempotency import IdempotencyKey, Key, Made, once
from caviar.api.models.trials import Ask, Complete, Handed, Report, Trial, Verdict
from caviar.api.parameters import StudyRef, TrialId, Wait, seconds_of
from caviar.api.routes import StudyRoute
from caviar.api.service import Service, ServiceOf
from caviar.domain.states import StudyState, is_terminal
from caviar.engine import external
from caviar.engine.work import Work
from caviar.insights.documents import trial_document
from caviar.insights.studies import find_study
from caviar.insights.trials import find_trial

router = APIRouter(prefix="/api/v1", tags=["ask and tell"], route_class=StudyRoute)


@router.post("/studies/{study}/ask", response_model=Handed)
async def ask(service: ServiceOf, study: StudyRef, asked: Ask, key: IdempotencyKey, wait: Wait = "0s") -> Response:
    """Trials to run: first those the client has not finished. With `wait`, an answer without any is held back while
    the study goes on."""
    row_id = await run_in_threadpool(_study_id, service, study)
    made = await service.wakeups.until(
        f"study:{row_id}",
        lambda: _asked(service, row_id, asked, key),
        _is_settled,
        min(seconds_of(wait), service.settings.longest_wait_seconds),
    )
    return made.response()


@router.post("/trials/{trial}/report", response_model=Verdict)
def report(service: ServiceOf, trial: TrialId, reported: Report, key: IdempotencyKey) -> Response:
    """Stores a report; the verdict says whether to go on."""

    def make(work: Work) -> Made:
        find_trial(work.tx, trial)
        verdict = external.report(work, trial, reported.step, reported.metrics)
        return Made({"verdict": verdict.value, "params": work.trials[trial].params})

    return once(service, key, make).response()


@router.post("/trials/{trial}/complete", response_model=Trial)
def complete(service: ServiceOf, trial: TrialId, ended: Complete, key: IdempotencyKey) -> Response:
    """Ends a trial with its final metrics (none: the last report counts), or as failed."""

    def make(work: Work) -> Made:
        find_trial(work.tx, trial)
        failed = None if ended.failed is None else (ended.failed.code, ended.failed.message)
        return Made(trial_document(external.complete(work, trial, metrics=ended.metrics, failed=failed)))

    return once(service, key, make).response()


def _study_id(service: Service, reference: str) -> str:
    with service.read() as snapshot:
        return find_study(snapshot, reference).id


def _asked(service: Service, study_id: str, asked: Ask, key: Key | None) -> Made:
    """An answer without trials is not kept for the key: the next look may find some."""

    def make(work: Work) -> Made:
        found = external.ask(work, study_id, asked.count, asked.client)
        state = work.studies[study_id].state
        return Made(
            {"items": [trial_document(trial) for trial in found], "next_page_token": None, "state": state.value}
        )

    return once(service, key, make, keep=lambda made: bool(made.document["items"]))


def _is_settled(made: Made) -> bool:
    return bool(made.document["items"]) or is_terminal(StudyState(made.document["state"]))
