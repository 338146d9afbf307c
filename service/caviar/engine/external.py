"""Ask and tell: a study whose trials a program of the user's runs, over REST, without an agent."""

from caviar.domain.errors import Conflict, InvalidInput, Problem
from caviar.domain.spec import StudySpec
from caviar.domain.states import TrialState, is_terminal
from caviar.engine.apply import end_as_told, fail, finish, start
from caviar.engine.commands import locked, locked_trial
from caviar.engine.lease import UNLIMITED, ask_planner, may_start, new_attempt, remaining, suggest_now, waiting_unleased
from caviar.engine.nudges import acknowledged
from caviar.engine.outcomes import PAUSING, PROMOTED, RESUMED
from caviar.engine.promotion import promote
from caviar.engine.reports import record_report
from caviar.engine.settle import settle
from caviar.engine.stop_orders import stop_reason
from caviar.engine.work import Work
from caviar.search.stopping import Verdict
from caviar.storage import attempts, trials
from caviar.storage.rows import AttemptRow, StudyRow, TrialRow
from caviar_workers.protocol import FailureCode, Number


def ask(work: Work, study_id: str, count: int, client: str) -> list[TrialRow]:
    """Up to `count` trials to run: first those this client has not finished, then waiting ones, then new ones.

    Fewer when the budget is used up, `parallel` is reached, or the search still has to think (then the planner was
    asked: `wanted` of the study says so).
    """
    study = locked(work, study_id)
    spec = work.memory(study).spec
    if not spec.train.external:
        raise Conflict(
            "The study's trials are run by agents.", code="not_external", hint="Use train: {external: true}."
        )
    mine = work.add_trials(trials.of_client(work.tx, study_id, client))[:count]
    room = min(count - len(mine), _room(study, spec))
    if room <= 0 or not may_start(study):
        return mine
    found = waiting_unleased(work, study, room)
    found += promote(work, study, remaining(study, spec), room - len(found))
    found += _more(work, study, room - len(found))
    for trial in found:
        trial.client = client
        expires_at = None if spec.budget.trial_seconds is None else work.now + spec.budget.trial_seconds
        attempt = new_attempt(work, trial, agent=None, expires_at=expires_at)
        if trial.reason_code in (RESUMED, PROMOTED):  # the program that was told to pause has kept the state
            attempt.from_step = trial.step
        start(work, attempt, client)
    settle(work, study)
    return mine + found


def report(work: Work, trial_id: str, step: float, metrics: dict[str, Number]) -> Verdict:
    """Stores a report; the verdict says whether to go on. With "pause" the trial is paused: ask for it again later."""
    trial, attempt = _in_hand(work, trial_id)
    attempt.last_seq += 1
    work.changed_attempt(attempt)
    verdict = record_report(work, attempt, seq=attempt.last_seq, at=work.now, step=step, metrics=metrics)
    if attempt.nudge is not None:  # the answer carries the parameters to go on with
        acknowledged(work, attempt, attempt.nudge, step)
    study = work.studies[trial.study_id]
    if study.intent is None and attempt.stop_code in PAUSING:
        end_as_told(work, attempt)
        settle(work, study)
        return Verdict.PAUSE
    return Verdict.STOP if attempt.stop_code is not None or study.intent is not None else verdict


def complete(
    work: Work, trial_id: str, *, metrics: dict[str, Number] | None, failed: tuple[str, str] | None
) -> TrialRow:
    """Ends a trial with its final metrics, or with a failure (code, message). Ending it again changes nothing."""
    trial = locked_trial(work, trial_id)
    if is_terminal(trial.state):
        return trial
    trial, attempt = _in_hand(work, trial_id)
    if attempt.stop_code in PAUSING:  # it ended before it could pause
        attempt.stop_code = attempt.stop_message = None
    if failed is not None:
        _failed(work, attempt, *failed)
    else:
        seconds = None if attempt.started_at is None else max(0.0, work.now - attempt.started_at)
        _require_objective(work, trial, metrics or {})
        _ended(work, attempt, metrics or {}, seconds)
    settle(work, work.studies[trial.study_id])
    return trial


def _ended(work: Work, attempt: AttemptRow, metrics: dict[str, Number], seconds: float | None) -> None:
    finish(work, attempt, metrics, seconds, stop=stop_reason(attempt))


def _failed(work: Work, attempt: AttemptRow, code: str, message: str) -> None:
    """The user's program names its own failures; they are not retried: it would have to be asked for again."""
    known = {each.value for each in FailureCode}
    shown = message if code in known else f"{code}: {message}"
    fail(work, attempt, FailureCode.EXCEPTION, shown)


def _require_objective(work: Work, trial: TrialRow, metrics: dict[str, Number]) -> None:
    name = work.memory(work.studies[trial.study_id]).spec.metric.name
    if name not in metrics and trial.value is None:
        said = f"{name!r} was never reported: give it here, or say that the trial failed"
        raise InvalidInput([Problem("/metrics", said)])


def _in_hand(work: Work, trial_id: str) -> tuple[TrialRow, AttemptRow]:
    trial = locked_trial(work, trial_id)
    attempt = attempts.live_of_trial(work.tx, trial_id)
    if attempt is None or attempt.agent_id is not None or trial.state is not TrialState.RUNNING:
        raise Conflict(f"The trial is {trial.state}; nobody is running it over REST.", code="trial_not_running")
    return trial, work.add_attempts([attempt])[0]


def _room(study: StudyRow, spec: StudySpec) -> int:
    return UNLIMITED if spec.budget.parallel is None else spec.budget.parallel - study.running


def _more(work: Work, study: StudyRow, count: int) -> list[TrialRow]:
    if count <= 0:
        return []
    memory = work.memory(study)
    if not memory.searcher.thinks:
        return suggest_now(work, study, count)
    ask_planner(work, study, min(count, remaining(study, memory.spec)))
    return []
