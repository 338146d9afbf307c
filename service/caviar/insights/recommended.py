"""The configuration that a study recommends, and how sure it is."""

import numpy as np

from caviar.domain.document import parse_study
from caviar.domain.numbers import json_number
from caviar.domain.states import TrialState
from caviar.insights.documents import Document
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.recommend import Recommendation, recommend
from caviar.search.searcher import Round
from caviar.storage import search_state, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow

_KNOWN = {TrialState.COMPLETED.value: Outcome.COMPLETED, TrialState.STOPPED.value: Outcome.STOPPED}


def recommended(snapshot: Snapshot, study: StudyRow) -> Document | None:
    """None before the first completed trial."""
    spec = parse_study(study.spec)
    sign = 1.0 if spec.minimizes else -1.0
    buffer = HistoryBuffer(spec.space.dimension)
    for row in trials.history(snapshot, study.id):
        if row.touched or not row.unit:  # no sample of a configuration of this space
            continue
        buffer.append(row.number, np.frombuffer(row.unit), row.round)
        value = None if row.value is None else sign * row.value
        buffer.update(row.number, _KNOWN.get(row.state.value, Outcome.CANCELLED), value, row.step)
    rounds = [Round.from_document(stored.document) for stored in search_state.rounds_of(snapshot, study.id)]
    found = recommend(spec.space, study.seed, buffer.view(), rounds)
    return None if found is None else _document(snapshot, study, found, sign)


def _document(snapshot: Snapshot, study: StudyRow, found: Recommendation, sign: float) -> Document:
    trial = trials.by_number(snapshot, study.id, found.number)
    return {
        "number": found.number,
        "value": json_number(sign * found.value),
        "by": found.by,
        "params": {} if trial is None else trial.params,
        "standings": [
            {
                "number": each.number,
                "repeats": each.runs,
                "mean": sign * each.mean,
                "low": min(sign * each.low, sign * each.high),
                "high": max(sign * each.low, sign * each.high),
                "ties": each.ties,
            }
            for each in found.standings
        ],
        "said": _in_words(found),
    }


def _in_words(found: Recommendation) -> str:
    ties = [f"#{each.number}" for each in found.standings[1:] if each.ties]
    match found.by:
        case "repeats" if ties:
            return f"#{found.number} has the best mean of its repeats; {', '.join(ties)} can't be told from it: a tie"
        case "repeats":
            return f"#{found.number} has the best mean of its repeats, beyond doubt among those repeated"
        case "model":
            return f"#{found.number} is best by the value that the model expects of it, not by a single lucky result"
    return f"#{found.number} has the best value; too few trials to say more"
