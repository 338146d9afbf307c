"""What people ask for. Each is a change within the caller's transaction; the caller commits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from caviar.domain.document import parse_study
from caviar.domain.errors import Conflict, InvalidInput, InvalidStudy, NotFound, Problem
from caviar.domain.spec import SEED, StudySpec
from caviar.domain.states import AttemptState, Reason, StudyState, TrialState, is_terminal
from caviar.engine.annotate import keywords
from caviar.engine.heritage import Heritage
from caviar.engine.learning import learnt
from caviar.engine.lease import new_trial, remaining
from caviar.engine.nudges import settle_nudges
from caviar.engine.promotion import waits_at_rung
from caviar.engine.schedule import next_time
from caviar.engine.settle import STOP, settle, wind_down
from caviar.engine.stop_orders import ask_to_stop
from caviar.engine.work import Work
from caviar.search.history import History, Outcome
from caviar.search.randomness import generator
from caviar.search.repeating import trial_seed
from caviar.search.sampling import first_feasible
from caviar.search.searcher import Suggestion
from caviar.storage import attempts, bundles, inherited, studies, trials
from caviar.storage.database import exclusive
from caviar.storage.rows import StudyRow, TrialRow

SEED_BITS = 32
_SAME = 1e-9


def create_study(work: Work, document: object, heritage: Heritage | None = None) -> StudyRow:
    """Stores a study and queues it. `heritage`: what it was made of, and the results it begins with. Raises
    InvalidStudy, or Conflict when an unfinished study has the name."""
    spec = parse_study(document)
    _require_room(spec)
    _require_bundle(work, spec)
    if heritage is None and spec.search.learn_from is not None:
        heritage = learnt(work.tx, spec, spec.search.learn_from)
    study_id = work.new_id()
    name = spec.name or f"study-{study_id[-8:]}"
    exclusive(work.tx, f"study name {name}")
    existing = studies.find(work.tx, name)
    if existing is not None and not is_terminal(existing.state):
        raise Conflict(
            f"An unfinished study is called {name!r} already.",
            code="name_taken",
            hint="Choose another name, or stop that one first.",
        )
    seed = spec.search.seed if spec.search.seed is not None else work.random_bits(SEED_BITS)
    study = _queued(study_id, _complete(spec, name, seed), seed, work.now)
    study.retune_at = next_time(spec.retune, work.now)
    if heritage is not None:
        study.parent_id, study.origin = heritage.parent_id, heritage.origin
    work.new_study(study)
    if heritage is not None:
        inherited.insert(work.tx, heritage.rows_of(study_id))
    work.memory(study)
    work.tx.wake("agents")
    return study


def pause_study(work: Work, study_id: str) -> StudyRow:
    """Starts nothing more; what runs goes on, what was leased ahead is handed back."""
    study = locked(work, study_id)
    if study.state is not StudyState.PAUSED:
        _require_unfinished(study)
        work.set_study(study, StudyState.PAUSED, Reason("paused", "Paused by hand."))
        work.tx.wake("agents")
    return study


def resume_study(work: Work, study_id: str) -> StudyRow:
    study = locked(work, study_id)
    _require_unfinished(study)
    if study.state is StudyState.PAUSED:
        work.set_study(study, StudyState.RUNNING)
        settle(work, study)
        work.tx.wake("agents")
    return study


def stop_study(work: Work, study_id: str, note: str = "Stopped by hand.") -> StudyRow:
    """Ends running trials; the study is cancelled when the last of them has ended."""
    study = locked(work, study_id)
    if not is_terminal(study.state) and study.intent is None:
        wind_down(work, study, STOP, Reason("stopped", note))
        settle(work, study)
        work.tx.wake("agents")
    return study


def extend_study(work: Work, study_id: str, budget: dict[str, Any]) -> StudyRow:
    """Sets new totals in the budget (trials, seconds, max_failures, parallel). A completed or failed study goes on."""
    study = locked(work, study_id)
    if study.state is StudyState.CANCELLED or study.intent is not None:
        raise Conflict("The study was stopped; it can't be extended.", code="study_finished", hint="Submit it again.")
    spec = _extended(study, budget)
    work.touch(study)
    study.spec = {**spec.to_document(), "name": study.name}
    if study.started_at is not None:
        study.deadline_at = None if spec.budget.seconds is None else study.started_at + spec.budget.seconds
    if is_terminal(study.state):
        if not remaining(study, spec):
            raise Conflict("Nothing is left to run in that budget.", code="budget_used", hint="Raise budget.trials.")
        work.set_study(study, StudyState.RUNNING)
    work.tx.wake("agents")
    return study


def delete_study(work: Work, study_id: str) -> None:
    """Hides the study at once, stops what runs, and is purged when nothing of it runs any more."""
    study = locked(work, study_id)
    if not is_terminal(study.state):
        stop_study(work, study_id, "The study was deleted.")
    work.touch(study)
    study.deleted_at = work.now
    work.tx.wake(f"ended:{study.id}")


def enqueue_trial(work: Work, study_id: str, params: dict[str, Any]) -> TrialRow:
    """A configuration by hand: the next number, run before new suggestions. It counts against the budget."""
    study = locked(work, study_id)
    _require_unfinished(study)
    memory = work.memory(study)
    problems = memory.spec.space.check(params)
    if problems:
        raise InvalidInput([problem.under("/params") for problem in problems])
    if not remaining(study, memory.spec):
        raise Conflict("The study's budget of trials is used up.", code="budget_used", hint="Extend it first.")
    unit = np.asarray(memory.spec.space.encode(params), float)
    _require_hope(memory.history.view(), unit)
    current = len(memory.rounds) - 1 if memory.rounds else 0
    given = dict(params)
    if memory.spec.repeat is not None:
        given[SEED] = trial_seed(study.seed, study.next_number)
    trial = new_trial(work, study, Suggestion(study.next_number, given, unit, max(0, current), "manual"))
    study.next_number += 1
    work.tx.wake("agents")
    return trial


def stop_trial(work: Work, trial_id: str, note: str = "Stopped by hand.") -> TrialRow:
    """Ends one trial; its last value stands."""
    trial = locked_trial(work, trial_id)
    if is_terminal(trial.state):
        return trial
    reason = Reason("stopped_by_hand", note)
    attempt = attempts.live_of_trial(work.tx, trial_id)
    if attempt is None:
        work.set_trial(trial, TrialState.STOPPED if waits_at_rung(trial) else TrialState.CANCELLED, reason)
    elif attempt.agent_id is not None:
        work.add_attempts([attempt])
        work.changed(trial)
        ask_to_stop(work, attempt, reason)
    else:
        work.add_attempts([attempt])
        work.set_attempt(attempt, AttemptState.CANCELLED, reason)
        work.set_trial(trial, TrialState.STOPPED, reason)
        settle_nudges(work, attempt)
    settle(work, work.studies[trial.study_id])
    return trial


def locked(work: Work, study_id: str) -> StudyRow:
    work.lock([study_id])
    study = work.studies.get(study_id)
    if study is None or study.deleted_at is not None:
        raise NotFound("There is no such study.", hint="`caviar ls` lists them.")
    return study


def locked_trial(work: Work, trial_id: str) -> TrialRow:
    """The trial as it is once its study is locked."""
    seen = trials.get(work.tx, trial_id)
    if seen is None:
        raise NotFound("There is no such trial.")
    locked(work, seen.study_id)
    work.load_trials([trial_id])
    return work.trials[trial_id]


def _queued(study_id: str, document: dict[str, Any], seed: int, now: float) -> StudyRow:
    return StudyRow(
        id=study_id,
        name=document["name"],
        state=StudyState.QUEUED,
        reason_code=None,
        reason_message=None,
        intent=None,
        spec=document,
        seed=seed,
        revision=0,
        next_number=0,
        exhausted=False,
        wanted=0,
        waiting=0,
        running=0,
        paused=0,
        completed=0,
        stopped=0,
        failed=0,
        infeasible=0,
        cancelled=0,
        best_number=None,
        best_value=None,
        trial_seconds=None,
        deadline_at=None,
        created_at=now,
        started_at=None,
        finished_at=None,
        deleted_at=None,
        keywords=keywords(document["name"], document["labels"], ""),
    )


def _complete(spec: StudySpec, name: str, seed: int) -> dict[str, Any]:
    """The document with what was left to the service filled in: whoever submits it again gets the same study."""
    document = spec.to_document()
    return {**document, "name": name, "search": {**document["search"], "seed": seed}}


def _extended(study: StudyRow, budget: dict[str, Any]) -> StudySpec:
    unknown = sorted(set(budget) - {"trials", "seconds", "max_failures", "parallel"})
    if unknown:
        raise InvalidInput([Problem(f"/{unknown[0]}", "extend takes trials, seconds, max_failures and parallel")])
    if budget.get("trials") is not None and budget["trials"] < study.next_number:
        raise InvalidInput([Problem("/trials", f"{study.next_number} trials were made already: ask for more")])
    try:
        return parse_study({**study.spec, "budget": {**study.spec["budget"], **budget}})
    except InvalidStudy as error:
        raise InvalidInput(
            [Problem(each.pointer.removeprefix("/budget"), each.detail) for each in error.errors]
        ) from None


def _require_unfinished(study: StudyRow) -> None:
    if is_terminal(study.state) or study.intent is not None:
        how = study.state.value if is_terminal(study.state) else "coming to its end"
        raise Conflict(f"The study is {how}.", code="study_finished", hint="A completed study can be extended.")


def _require_room(spec: StudySpec) -> None:
    """Refuses a space whose constraints leave nothing that the search could find."""
    if spec.constraints and first_feasible(spec.space, generator(0, 0)) is None:
        nothing = "leave nothing: no configuration of some hundred thousand drawn evenly holds them all"
        raise InvalidStudy([Problem("/constraints", nothing)])


def _require_hope(history: History, unit: NDArray[np.float64]) -> None:
    known = history.units[history.states == Outcome.INFEASIBLE]
    if len(known) and bool((np.abs(known - unit) < _SAME).all(axis=1).any()):
        raise Conflict(
            "This very configuration was found infeasible: it ran out of memory or of time.",
            code="infeasible",
            hint="Choose another, or fork the study with wider limits.",
        )


def _require_bundle(work: Work, spec: StudySpec) -> None:
    if spec.code is not None and not bundles.exists(work.tx, spec.code.bundle):
        missing = "no such bundle is stored; upload it first (POST /api/v1/bundles)"
        raise InvalidStudy([Problem("/code/bundle", missing)])
