"""Orders to an attempt to end: one stands at a time."""

from caviar.domain.states import Reason
from caviar.engine import outcomes
from caviar.engine.work import Work
from caviar.storage.rows import AttemptRow


def stop_reason(attempt: AttemptRow) -> Reason | None:
    return None if attempt.stop_code is None else Reason(attempt.stop_code, attempt.stop_message or "")


def ask_to_stop(work: Work, attempt: AttemptRow, reason: Reason) -> None:
    """Notes that the attempt is to end; its agent is told with the next answer. The first reason stays, but an end
    overrules a pause."""
    if attempt.stop_code is None or outcomes.overrules(reason.code, attempt.stop_code):
        attempt.stop_code, attempt.stop_message = reason.code, reason.message
        work.changed_attempt(attempt)
        work.tx.wake("agents")
