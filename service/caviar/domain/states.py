"""The life of a study, a trial and an attempt: one table of transitions each. Only the engine writes a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar


class StudyState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrialState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    INFEASIBLE = "infeasible"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    LEASED = "leased"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    RETURNED = "returned"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a state was entered: `code` is stable, for programs; `message` is for people."""

    code: str
    message: str

    def to_document(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


_STUDY_ENDS = frozenset({StudyState.COMPLETED, StudyState.FAILED, StudyState.CANCELLED})
_TRIAL_ENDS = frozenset(
    {
        TrialState.COMPLETED,
        TrialState.STOPPED,
        TrialState.FAILED,
        TrialState.INFEASIBLE,
        TrialState.CANCELLED,
    }
)

STUDY_TRANSITIONS: Final[Mapping[StudyState, frozenset[StudyState]]] = {
    # A queued study may be paused, cancelled or found impossible before its first trial starts.
    StudyState.QUEUED: frozenset(
        {StudyState.RUNNING, StudyState.PAUSED, StudyState.FAILED, StudyState.CANCELLED},
    ),
    StudyState.RUNNING: _STUDY_ENDS | {StudyState.PAUSED},
    StudyState.PAUSED: _STUDY_ENDS | {StudyState.RUNNING},
    # Ends are final but for `extend`, which reopens a study whose budget (or patience with failures) was used up.
    StudyState.COMPLETED: frozenset({StudyState.RUNNING}),
    StudyState.FAILED: frozenset({StudyState.RUNNING}),
    StudyState.CANCELLED: frozenset(),
}

TRIAL_TRANSITIONS: Final[Mapping[TrialState, frozenset[TrialState]]] = {
    # Paused: by hand, before it started. Failed: no retries are left after a lost attempt, or it can't be placed.
    TrialState.WAITING: frozenset(
        {TrialState.RUNNING, TrialState.PAUSED, TrialState.FAILED, TrialState.CANCELLED},
    ),
    # Waiting: the attempt was lost or is retried; the next attempt is another run of the same trial.
    TrialState.RUNNING: _TRIAL_ENDS | {TrialState.PAUSED, TrialState.WAITING},
    # Waiting: resumed, but no slot is free yet.
    TrialState.PAUSED: _TRIAL_ENDS | {TrialState.RUNNING, TrialState.WAITING},
    **{end: frozenset() for end in _TRIAL_ENDS},
}

ATTEMPT_TRANSITIONS: Final[Mapping[AttemptState, frozenset[AttemptState]]] = {
    # Failed: before it started, say an import error or a bundle that can't be fetched.
    AttemptState.LEASED: frozenset(
        {
            AttemptState.RUNNING,
            AttemptState.RETURNED,
            AttemptState.PAUSED,
            AttemptState.LOST,
            AttemptState.CANCELLED,
            AttemptState.FAILED,
        }
    ),
    AttemptState.RUNNING: frozenset(
        {
            AttemptState.COMPLETED,
            AttemptState.STOPPED,
            AttemptState.PAUSED,
            AttemptState.FAILED,
            AttemptState.LOST,
            AttemptState.CANCELLED,
        }
    ),
    AttemptState.COMPLETED: frozenset(),
    AttemptState.STOPPED: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.LOST: frozenset(),
    AttemptState.RETURNED: frozenset(),
    # The trial goes on in another attempt.
    AttemptState.PAUSED: frozenset(),
    AttemptState.CANCELLED: frozenset(),
}

State = StudyState | TrialState | AttemptState
_S = TypeVar("_S", StudyState, TrialState, AttemptState)

# Keyed by type first: members of two enums with the same text are equal, and would share an entry.
_FOLLOWERS: Final[Mapping[type[State], Mapping[Any, frozenset[Any]]]] = {
    StudyState: STUDY_TRANSITIONS,
    TrialState: TRIAL_TRANSITIONS,
    AttemptState: ATTEMPT_TRANSITIONS,
}
_ENDS: Final[Mapping[type[State], frozenset[Any]]] = {
    StudyState: _STUDY_ENDS,
    TrialState: _TRIAL_ENDS,
    AttemptState: frozenset(state for state, followers in ATTEMPT_TRANSITIONS.items() if not followers),
}


class IllegalTransition(Exception):  # noqa: N818
    """A state was about to be left for one that may not follow it: a defect of the caller, never of a user's input."""

    def __init__(self, old: State, new: State) -> None:
        self.old = old
        self.new = new
        super().__init__(f"{type(old).__name__}: {old} may not become {new}")


def check_transition(old: _S, new: _S) -> None:
    """Staying in a state is not a transition either. What happens in one moment but passes through several states
    (a batched trial: waiting, running, completed) is checked and written step by step."""
    if type(old) is not type(new) or new not in _FOLLOWERS[type(old)][old]:
        raise IllegalTransition(old, new)


def is_terminal(state: State) -> bool:
    """Whether the state is an end. (`extend` alone leaves one again: see STUDY_TRANSITIONS.)"""
    return state in _ENDS[type(state)]
