"""One sync is one transaction: fence, apply, decide, lease, answer."""

from dataclasses import dataclass

from caviar.domain.spec import StudySpec
from caviar.domain.states import AttemptState, StudyState
from caviar.engine.apply import apply_events, lose
from caviar.engine.checkpoints import note_removed, offer, removals, thin_out
from caviar.engine.lease import Leased, Leasing, lease, may_start, memory_of
from caviar.engine.nudges import orders
from caviar.engine.outcomes import PAUSING
from caviar.engine.settle import break_circuit, settle
from caviar.engine.work import Work
from caviar.storage import agents, attempts, studies
from caviar.storage.database import exclusive
from caviar.storage.rows import AgentRow, AttemptRow, StudyRow, TrialRow
from caviar_workers.protocol import (
    Assignment,
    Checkpoint,
    Command,
    Failed,
    Resources,
    Resume,
    StudyWork,
    SyncRequest,
    SyncResponse,
    Train,
)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """`parks`: there is nothing to say and the agent is willing to wait for something."""

    response: SyncResponse
    parks: bool


def run_sync(
    work: Work, agent_id: str, request: SyncRequest, lease_seconds: float, *, draining: bool = False
) -> SyncResult:
    """`draining`: the service is about to end and leases nothing; what was leased before is renewed and heard."""
    agent = _fence(work, agent_id, request)
    if agent is None:
        return SyncResult(
            SyncResponse(number=request.number, superseded=True, lease_seconds=lease_seconds), parks=False
        )
    _load(work, agent_id, request)
    note_removed(work, request.removed)
    apply_events(work, agent_id, request.events)
    for study, trial_ids in _checkpointed(work, request):
        thin_out(work, study, trial_ids)
    _break_circuits(work, request)
    if request.leaving:
        _lose_all(work, agent_id)
    again = _renew(work, agent, request, lease_seconds)
    for study in list(work.studies.values()):
        settle(work, study)
    leased = Leased([], {}) if request.leaving or draining else _lease(work, agent, request, lease_seconds)
    for study in list(work.studies.values()):
        settle(work, study)
    response = _answer(work, agent_id, request, Leased(again + leased.attempts, leased.slots), lease_seconds)
    empty = not (response.assignments or response.commands or response.removals or request.events)
    return SyncResult(response, parks=empty and request.wait > 0)


def _fence(work: Work, agent_id: str, request: SyncRequest) -> AgentRow | None:
    """The agent's record, brought up to date; None when a newer request of it was seen already."""
    nodes = [node.model_dump() for node in request.nodes]
    agent = agents.lock(work.tx, agent_id)
    if agent is None:  # two of its first requests may meet here
        exclusive(work.tx, f"agent {agent_id}")
        agent = agents.lock(work.tx, agent_id)
    if agent is None:
        agent = AgentRow(
            agent_id,
            request.incarnation,
            request.number,
            nodes,
            request.pending_slots,
            request.leaving,
            work.now,
            work.now,
        )
        agents.insert(work.tx, agent)
        return agent
    if (request.incarnation, request.number) <= (agent.incarnation, agent.last_sync):
        return None
    agent.incarnation, agent.last_sync, agent.nodes = request.incarnation, request.number, nodes
    agent.pending_slots, agent.left, agent.seen_at = request.pending_slots, request.leaving, work.now
    agents.save(work.tx, agent)
    return agent


def _load(work: Work, agent_id: str, request: SyncRequest) -> None:
    """Locks every study that may be changed, then takes the attempts and trials in hand."""
    live = attempts.live_of_agent(work.tx, agent_id)
    named = {event.attempt for event in request.events} - live.keys()
    ended = attempts.by_ids(work.tx, named)
    touched = {attempt.study_id for attempt in (*live.values(), *ended.values())}
    work.lock(touched | set(studies.unfinished_ids(work.tx)))
    if not work.tx.is_sqlite:  # others may have written between that look and these locks
        ended = attempts.by_ids(work.tx, live.keys() | named)
        live = attempts.live_of_agent(work.tx, agent_id)
    work.add_attempts([*live.values(), *ended.values()])
    work.load_trials({live[event.attempt].trial_id for event in request.events if event.attempt in live})


def _break_circuits(work: Work, request: SyncRequest) -> None:
    for event in request.events:
        attempt = work.attempts.get(event.attempt)
        if isinstance(event, Failed) and attempt is not None:
            break_circuit(work, work.studies[attempt.study_id], event.code, event.message)


def _checkpointed(work: Work, request: SyncRequest) -> list[tuple[StudyRow, set[str]]]:
    """Studies of which checkpoints came, each with the trials that made them."""
    named = {event.attempt for event in request.events if isinstance(event, Checkpoint)} & work.attempts.keys()
    by_study: dict[str, set[str]] = {}
    for attempt in (work.attempts[each] for each in named):
        by_study.setdefault(attempt.study_id, set()).add(attempt.trial_id)
    return [(work.studies[study_id], trial_ids) for study_id, trial_ids in by_study.items()]


def _lose_all(work: Work, agent_id: str) -> None:
    mine = [each for each in work.attempts.values() if each.is_live and each.agent_id == agent_id]
    work.load_trials({attempt.trial_id for attempt in mine})
    for attempt in mine:
        lose(work, attempt, "Its agent left.")


def _renew(work: Work, agent: AgentRow, request: SyncRequest, lease_seconds: float) -> list[AttemptRow]:
    """Renews what the agent holds, at half of the lease; gives again what never reached it."""
    held = set(request.held)
    again: list[AttemptRow] = []
    for attempt in work.attempts.values():
        if not attempt.is_live or attempt.agent_id != agent.id:
            continue
        if attempt.id in held:
            if attempt.expires_at is None or attempt.expires_at - work.now < lease_seconds / 2:
                attempt.expires_at = work.now + lease_seconds
                work.changed_attempt(attempt)
        elif _never_arrived(attempt, request) and may_start(work.studies[attempt.study_id]):
            attempt.leased_in = request.number
            attempt.expires_at = work.now + lease_seconds
            work.changed_attempt(attempt)
            again.append(attempt)
    work.load_trials({attempt.trial_id for attempt in again})
    return again


def _never_arrived(attempt: AttemptRow, request: SyncRequest) -> bool:
    """Leased to this very incarnation, in an answer it has acted upon or given up, and yet unknown to it."""
    return (
        attempt.state is AttemptState.LEASED
        and attempt.incarnation == request.incarnation
        and attempt.leased_in is not None
        and attempt.leased_in <= request.received
        and attempt.last_seq == 0
        and attempt.stop_code is None
    )


def _lease(work: Work, agent: AgentRow, request: SyncRequest, lease_seconds: float) -> Leased:
    held: dict[str, int] = {}
    for attempt in work.attempts.values():
        if attempt.is_live and attempt.agent_id == agent.id:
            held[attempt.study_id] = held.get(attempt.study_id, 0) + 1
    candidates = [work.studies[each] for each in sorted(work.studies) if may_start(work.studies[each])]
    return lease(work, Leasing(agent, request.number, lease_seconds), candidates, held)


def _answer(work: Work, agent_id: str, request: SyncRequest, given: Leased, lease_seconds: float) -> SyncResponse:
    offers = offer(work, given.attempts)
    in_hand = [work.studies[each] for each in {attempt.study_id for attempt in given.attempts}]
    return SyncResponse(
        number=request.number,
        studies={each.id: study_work(each, work.memory(each).spec, given.slots.get(each.id)) for each in in_hand},
        assignments=tuple(
            _assignment(each, work.trials[each.trial_id], offers.get(each.id, ())) for each in given.attempts
        ),
        commands=tuple(_commands(work, agent_id, request)),
        removals=removals(work, agent_id, request),
        lease_seconds=lease_seconds,
    )


def _assignment(attempt: AttemptRow, trial: TrialRow, checkpoints: tuple[Resume, ...]) -> Assignment:
    return Assignment(
        attempt=attempt.id,
        trial=trial.id,
        study=trial.study_id,
        number=trial.number,
        attempt_number=attempt.number,
        params=trial.params,
        checkpoints=checkpoints,
    )


def _commands(work: Work, agent_id: str, request: SyncRequest) -> list[Command]:
    """What is to be said of the attempts the agent holds; said again with every sync until it shows."""
    commands = []
    for attempt_id in request.held:
        attempt = work.attempts.get(attempt_id)
        if attempt is None or attempt.agent_id != agent_id or not attempt.is_live:
            commands.append(Command(attempt=attempt_id, action="forget"))
        else:
            commands += _orders(work, attempt, request)
    return commands


def _orders(work: Work, attempt: AttemptRow, request: SyncRequest) -> list[Command]:
    """A pause and a nudge may take a step's time: they are told once, and again where that may have been lost."""
    leased = attempt.state is AttemptState.LEASED
    if leased and (attempt.stop_code or attempt.nudge or work.studies[attempt.study_id].state is StudyState.PAUSED):
        return [Command(attempt=attempt.id, action="return")]
    if attempt.stop_code in PAUSING:
        return [Command(attempt=attempt.id, action="pause")] if _is_news(work, attempt, request, "pause") else []
    if attempt.stop_code is not None:
        return [Command(attempt=attempt.id, action="stop")]
    if attempt.nudge is not None and _is_news(work, attempt, request, attempt.nudge):
        return orders(work, attempt)
    return []


def _is_news(work: Work, attempt: AttemptRow, request: SyncRequest, what: str) -> bool:
    """Whether this life of the agent has not acted upon an answer that said so. It is told now."""
    told = f"{what} {request.incarnation}"
    said, _, number = (attempt.told or "").rpartition(" ")
    if said == told and int(number) <= request.received:
        return False
    attempt.told = f"{told} {request.number}"
    work.changed_attempt(attempt)
    return True


def study_work(study: StudyRow, spec: StudySpec, slots: int | None) -> StudyWork:
    resources = Resources(
        cpus=spec.resources.cpus,
        gpus=spec.resources.gpus,
        memory_mb=memory_of(study, spec.resources),
        custom=dict(spec.resources.custom),
    )
    train = Train(
        function=spec.train.function,
        command=spec.train.command,
        builtin=spec.train.builtin,
        options=dict(spec.train.options),
        bundle=None if spec.code is None else spec.code.bundle,
        metric=spec.metric.name,
        resources=resources,
        trial_seconds=spec.budget.trial_seconds,
        silence_seconds=spec.budget.silence_seconds,
        grace_seconds=spec.budget.grace_seconds,
    )
    return StudyWork(train=train, name=study.name, seconds=study.trial_seconds, slots=slots)
