"""What stopping early has saved, and how often it was wrong, as far as the audit tells."""

import math
from operator import itemgetter

from caviar.domain.document import parse_study
from caviar.domain.states import TrialState
from caviar.insights.documents import Document
from caviar.search.audit import Audit, audit, is_audited
from caviar.search.stopping import build_stopper
from caviar.storage import search_state, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow


def study_stopping(snapshot: Snapshot, study: StudyRow) -> Document:
    """Computed from what arrived at the rungs: the same rule is asked again."""
    spec = parse_study(study.spec)
    stopper = build_stopper(spec.stopping, spec.stopping.max_steps)
    found = Audit((), (), (), ())
    if stopper is not None and spec.stopping.audit:
        rungs: dict[int, dict[int, float]] = {}
        for row in search_state.arrivals_of(snapshot, study.id):
            rungs.setdefault(row.rung, {})[row.number] = math.nan if row.value is None else row.value
        numbers = sorted({number for arrivals in rungs.values() for number in arrivals})
        drawn = [number for number in numbers if is_audited(study.seed, number, spec.stopping.audit)]
        sign = 1.0 if spec.minimizes else -1.0
        rows = trials.fields_of(snapshot, study.id, ["number", "state", "value"])
        finals = {
            number: sign * value
            for number, state, value in sorted(rows, key=itemgetter(0))
            if state == TrialState.COMPLETED.value and value is not None
        }
        found = audit(stopper, rungs, drawn, finals)
    return {
        "rule": spec.stopping.rule,
        "audit": spec.stopping.audit,
        "stopped": study.stopped,
        "completed": study.completed,
        "audited": len(found.condemned),
        "ended": len(found.ended),
        "winners": list(found.winners),
        "top_tenth": list(found.top),
        "wrong_low": found.low,
        "wrong_high": found.high,
        "said": in_words(found, study.stopped, spec.stopping.audit),
    }


def in_words(found: Audit, stopped: int, share: float) -> str:
    """One sentence for people."""
    if not share:
        return "no audit: stopping: {audit: 0.03} lets 3% of those that would be stopped train on, and says who won"
    if not found.ended:
        return f"{stopped} stopped; none of those let on by lot has ended yet"
    count, wins = len(found.ended), len(found.winners)
    who = f" (#{', #'.join(map(str, found.winners))})" if wins else ""
    return (
        f"{wins} of {count} that were to be stopped and trained on by lot became the best{who}, {len(found.top)} came "
        f"into the top tenth; a winner among the stopped has a chance of {found.low:.0%} to {found.high:.0%}"
    )
