"""What an attempt's end means for its trial. Pure: facts in, a decision out."""

from dataclasses import dataclass

from caviar.domain.states import Reason, TrialState
from caviar_workers.protocol import FailureCode

MAX_LOSSES = 10
"""Attempts of one trial that may be lost to infrastructure. Not the user's `retries`: nobody's code is to blame."""

RETRIED = frozenset({FailureCode.SIGNAL, FailureCode.EXIT, FailureCode.OOM})
"""Deaths that another attempt may survive. An exception, an import error, a metric that was never reported or a
timeout would only come again."""

INFEASIBLE = frozenset({FailureCode.OOM, FailureCode.TIMEOUT})
"""Deaths that say of the configuration that it does not fit the limits."""

HOPELESS = frozenset({FailureCode.IMPORT, FailureCode.BUNDLE})
"""Deaths that say nothing of the configuration: the next trial dies of them too."""

HOPELESS_LIMIT = 3
"""So many hopeless deaths with no result pause a study, instead of burning its budget."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Wait for another attempt."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class End:
    """The trial ends in `state`."""

    state: TrialState
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait until it is resumed, then go on in another attempt."""

    reason: Reason


PAUSED_BY_HAND, PAUSED_WITH_STUDY, PAUSED_AT_RUNG = "paused_by_hand", "paused_with_study", "paused_at_rung"
COPIES = "copies"
"""The trial goes on at once, from another's checkpoint (search: {strategy: pbt})."""
PAUSING = frozenset({PAUSED_BY_HAND, PAUSED_WITH_STUDY, PAUSED_AT_RUNG, COPIES})
"""Stops after which a trial goes on."""

RESUMED, PROMOTED = "resumed", "promoted"
"""Why a trial waits that was paused."""
STOPPING_RULE = "stopping_rule"


def overrules(code: str, earlier: str) -> bool:
    """Whether an order to end gives way to a later one: a person's pause to an end, a rule's to a person's, and that
    of the whole study to any other."""
    return _weight(code) > _weight(earlier)


def _weight(code: str) -> int:
    return {PAUSED_WITH_STUDY: 0, PAUSED_AT_RUNG: 1, COPIES: 1, PAUSED_BY_HAND: 2}.get(code, 3)


def after_failure(code: FailureCode, message: str, *, failures: int, retries: int) -> Retry | End:
    """`failures` counts this one."""
    reason = Reason(code.value, message)
    if code in RETRIED and failures <= retries:
        return Retry(reason)
    return End(TrialState.INFEASIBLE if code in INFEASIBLE else TrialState.FAILED, reason)


def after_loss(message: str, *, losses: int) -> Retry | End:
    """The agent, the node or the slot went away. `losses` counts this one."""
    if losses <= MAX_LOSSES:
        return Retry(Reason("lost", message))
    return End(TrialState.FAILED, Reason("lost", f"{message} That was the {losses}th attempt lost; no more are made."))


def after_return(stop: Reason | None) -> Retry | End | Pause:
    """The attempt was handed back before it started."""
    return Retry(Reason("returned", "Handed back before it started.")) if stop is None else after_stop(stop)


def after_stop(stop: Reason | None) -> End | Pause:
    """The code ended because it was told to; `stop` says by whom (None: it stopped by itself)."""
    if stop is None:
        return End(TrialState.STOPPED, Reason("by_itself", "The training code stopped by itself."))
    if stop.code in PAUSING:
        return Pause(stop)
    state = TrialState.CANCELLED if stop.code in CANCELLING else TrialState.STOPPED
    return End(state, stop)


CANCELLING = frozenset({"study_stopped", "study_deleted"})
"""Stops that say nothing of the trial's result."""


def after_finish(metric: str, *, value: float | None, reported: bool) -> End:
    """The code returned. `reported`: the objective was seen at least once, finite (then `value`) or not."""
    if not reported:
        missing = f"The training code ended without reporting {metric!r}."
        return End(TrialState.FAILED, Reason(FailureCode.METRIC_MISSING.value, missing))
    if value is None:
        return End(TrialState.COMPLETED, Reason("non_finite", f"{metric!r} was not a finite number: it does not rank."))
    return End(TrialState.COMPLETED, None)
