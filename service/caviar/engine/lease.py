"""Trials are handed to an agent: how many, of which studies, and the records of it."""

from dataclasses import dataclass, replace

from caviar.domain.spec import Resources, StudySpec
from caviar.domain.states import AttemptState, StudyState, TrialState
from caviar.engine.allot import Amounts, Claim, allot, amounts, fits_ever, slot_depth
from caviar.engine.memory import StudyMemory
from caviar.engine.promotion import may_be_promoted, promote
from caviar.engine.sizing import Sizing, first_guess
from caviar.engine.work import Work
from caviar.search.searcher import Round, Suggestion
from caviar.storage import attempts, trials
from caviar.storage.rows import AgentRow, AttemptRow, RoundRow, StudyRow, TrialRow

MOST_PER_SYNC = 512
"""Trials leased in one sync at most: the next sync gets the next."""
UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Leasing:
    """Who leases, in which sync, and for how long."""

    agent: AgentRow
    number: int
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Leased:
    """`slots`: in how many slots of the agent each study may run at once."""

    attempts: list[AttemptRow]
    slots: dict[str, int]


def lease(work: Work, leasing: Leasing, candidates: list[StudyRow], held: dict[str, int]) -> Leased:
    """Leases what the agent's cluster can take. `held` counts the agent's live attempts by study."""
    elsewhere = _held_elsewhere(work, leasing.agent, candidates)
    nodes = tuple(_node_amounts(node["total"]) for node in leasing.agent.nodes)
    for study in candidates:
        _size(work, study, nodes)
    claims = [_claim(work, study, elsewhere.get(study.id, 0)) for study in candidates]
    wanted = [claim for claim in claims if claim.most > 0]
    if not wanted:
        return Leased([], {})
    slots = allot(nodes, tuple(wanted), leasing.agent.pending_slots)
    _say_unplaceable(work, nodes, [claim for claim in wanted if not slots[claim.study]])
    leased: list[AttemptRow] = []
    for study in candidates:
        room = slots.get(study.id, 0) * slot_depth(study.trial_seconds) - held.get(study.id, 0)
        room = min(room, MOST_PER_SYNC - len(leased))
        if room > 0:
            expires_at = work.now + leasing.lease_seconds
            found = _next_trials(work, study, room)
            leased += [new_attempt(work, trial, agent=leasing.agent, expires_at=expires_at) for trial in found]
    return Leased(leased, slots)


def remaining(study: StudyRow, spec: StudySpec) -> int:
    """Trials that the budget still allows to be made."""
    return 0 if study.exhausted else max(0, spec.budget.trials - study.next_number)


def may_start(study: StudyRow) -> bool:
    return study.state in (StudyState.QUEUED, StudyState.RUNNING) and study.intent is None


def insert_suggestions(work: Work, study: StudyRow, suggestions: tuple[Suggestion, ...]) -> list[TrialRow]:
    """New waiting trials, numbered as suggested."""
    made = [new_trial(work, study, suggestion) for suggestion in suggestions]
    study.next_number += len(made)
    return made


def new_trial(work: Work, study: StudyRow, suggestion: Suggestion) -> TrialRow:
    trial = TrialRow(
        id=work.new_id(),
        study_id=study.id,
        number=suggestion.number,
        state=TrialState.WAITING,
        reason_code=None,
        reason_message=None,
        params=suggestion.params,
        unit=suggestion.unit.tobytes(),
        round=suggestion.round,
        origin=suggestion.origin,
        value=None,
        step=None,
        final=None,
        attempts=0,
        failures=0,
        losses=0,
        client=None,
        node=None,
        seconds=None,
        revision=0,
        created_at=work.now,
        started_at=None,
        finished_at=None,
        space_version=study.space_version,
        touched=False,
        parent=None,
        start_from=None,
    )
    work.new_trial(study, trial)
    return trial


def suggest_now(work: Work, study: StudyRow, count: int) -> list[TrialRow]:
    """New trials of a strategy that is quick enough to be asked inside the transaction."""
    memory = work.memory(study)
    count = min(count, remaining(study, memory.spec))
    if count <= 0:
        return []
    plan = memory.searcher.suggest(memory.history.view(), memory.rounds, study.next_number, count)
    store_rounds(work, study, memory, plan.rounds)
    if plan.exhausted:
        work.touch(study)
        study.exhausted = True
    return insert_suggestions(work, study, plan.suggestions)


def store_rounds(work: Work, study: StudyRow, memory: StudyMemory, rounds: tuple[Round, ...]) -> None:
    for opened in (replace(each, space_version=study.space_version) for each in rounds):
        memory.rounds.append(opened)
        work.rounds.append(RoundRow(study.id, opened.index, work.now, opened.to_document()))


def new_attempt(work: Work, trial: TrialRow, *, agent: AgentRow | None, expires_at: float | None) -> AttemptRow:
    """The trial's next attempt, leased."""
    trial.attempts += 1
    work.changed(trial)
    attempt = AttemptRow(
        id=work.new_id(),
        trial_id=trial.id,
        study_id=trial.study_id,
        number=trial.attempts,
        state=AttemptState.LEASED,
        agent_id=None if agent is None else agent.id,
        incarnation=None if agent is None else agent.incarnation,
        leased_in=None if agent is None else agent.last_sync,
        last_seq=0,
        stop_code=None,
        stop_message=None,
        reason_code=None,
        reason_message=None,
        node=None,
        leased_at=work.now,
        expires_at=expires_at,
        started_at=None,
        ended_at=None,
        from_step=None,
        nudge=None,
        told=None,
    )
    work.new_attempt(attempt)
    return attempt


def shape_of(study: StudyRow, resources: Resources) -> Amounts:
    return amounts(resources.cpus, resources.gpus, memory_of(study, resources), dict(resources.custom))


def memory_of(study: StudyRow, resources: Resources) -> float:
    """MiB that the study's next attempt asks for; 0: it is not limited."""
    if resources.memory_mb == "auto":
        return float(study.sizing["memory_mb"]) if study.sizing else 0.0
    return resources.memory_mb or 0.0


def waiting_unleased(work: Work, study: StudyRow, limit: int) -> list[TrialRow]:
    """Waiting trials without a live attempt, lowest number first: those set free by this very transaction, which the
    database does not know of yet, and those it knows."""
    if study.waiting <= 0 or limit <= 0:
        return []
    mine = [each for each in work.attempts.values() if each.study_id == study.id and each.is_live]
    in_hand = {attempt.trial_id for attempt in mine}
    freed = [work.trials[each] for each in work.freed - in_hand if _waits(work.trials[each], study)]
    leased_here = sum(attempt.state is AttemptState.LEASED for attempt in mine)
    stored: list[TrialRow] = []
    if study.waiting > leased_here + len(freed):
        found = work.add_trials(trials.waiting_unleased(work.tx, study.id, limit))
        stored = [trial for trial in found if _waits(trial, study) and trial.id not in in_hand | work.freed]
    return sorted(freed + stored, key=lambda trial: trial.number)[:limit]


def _waits(trial: TrialRow, study: StudyRow) -> bool:
    return trial.study_id == study.id and trial.state is TrialState.WAITING


def _next_trials(work: Work, study: StudyRow, room: int) -> list[TrialRow]:
    found = waiting_unleased(work, study, room)
    memory = work.memory(study)
    found += promote(work, study, remaining(study, memory.spec), room - len(found))
    missing = room - len(found)
    if missing and memory.searcher.thinks:
        ask_planner(work, study, min(missing, remaining(study, memory.spec)))
    elif missing:
        found += suggest_now(work, study, missing)
    return found


def ask_planner(work: Work, study: StudyRow, wanted: int) -> None:
    """Leaves word that the study could use `wanted` more suggestions, for whoever thinks."""
    if wanted != study.wanted:
        work.touch(study)
        study.wanted = wanted
    if wanted:
        work.tx.wake(f"plan:{study.id}")


def _size(work: Work, study: StudyRow, nodes: tuple[Amounts, ...]) -> None:
    """A first guess where nothing was seen yet; later no more than a node has."""
    resources = work.memory(study).spec.resources
    if resources.memory_mb != "auto":
        return
    known = None if study.sizing is None else Sizing.from_document(study.sizing)
    sized = first_guess(nodes, resources.cpus) if known is None else known.within(nodes)
    if sized is not None and sized != known:
        work.touch(study)
        study.sizing = sized.to_document()


def _claim(work: Work, study: StudyRow, elsewhere: int) -> Claim:
    spec = work.memory(study).spec
    depth = slot_depth(study.trial_seconds)
    shape = shape_of(study, spec.resources)
    if not may_start(study) or spec.train.external:
        return Claim(study.id, shape, 0)
    left = remaining(study, spec)
    leasable = study.waiting + study.running + left + len(may_be_promoted(work, study, left))
    limit = spec.budget.parallel or UNLIMITED
    return Claim(study.id, shape, max(0, min(limit - -(-elsewhere // depth), leasable)))


def _say_unplaceable(work: Work, nodes: tuple[Amounts, ...], claims: list[Claim]) -> None:
    """A study that no node could hold even when empty says so while it is queued; it starts once a node can."""
    for claim in claims:
        study = work.studies[claim.study]
        if study.state is StudyState.QUEUED and nodes and not fits_ever(nodes, claim.shape):
            asked = ", ".join(f"{name.removeprefix('custom:')} {amount:g}" for name, amount in claim.shape)
            message = f"No node of the cluster can hold a trial of this study ({asked})."
            if study.reason_message != message:
                work.touch(study)
                study.reason_code, study.reason_message = "unplaceable", message


def _held_elsewhere(work: Work, agent: AgentRow, candidates: list[StudyRow]) -> dict[str, int]:
    """Live attempts of limited studies at other agents (nobody asks when there is no limit to keep)."""
    limited = [study.id for study in candidates if work.memory(study).spec.budget.parallel is not None]
    if not limited:
        return {}
    counted: dict[str, int] = {}
    for study_id, agent_id, count in attempts.running_by_agent(work.tx, limited):
        if agent_id != agent.id:
            counted[study_id] = counted.get(study_id, 0) + count
    return counted


def _node_amounts(total: dict[str, object]) -> Amounts:
    return amounts(**total)  # type: ignore[arg-type]
