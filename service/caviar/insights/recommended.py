"""The configuration that a study recommends, and how sure it is."""

import numpy as np

from caviar.domain.numbers import json_number
from caviar.domain.states import TrialState
from caviar.insights.documents import Document
from caviar.insights.views import View
from caviar.search.history import History, Outcome
from caviar.search.recommend import Recommendation, recommend
from caviar.search.searcher import Round
from caviar.storage import search_state, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import StudyRow

_KNOWN = {TrialState.COMPLETED.value: Outcome.COMPLETED, TrialState.STOPPED.value: Outcome.STOPPED}
Outside = frozenset[int]


def recommended(snapshot: Snapshot, view: View) -> Document | None:
    """None before the first completed trial."""
    study, spec = view.study, view.spec
    outside = trials.outside_numbers(snapshot, study.id) if study.space_version > 1 else frozenset()
    rounds = [Round.from_document(stored.document) for stored in search_state.rounds_of(snapshot, study.id)]
    found = recommend(spec.space, study.seed, _history(view, outside), rounds)
    return None if found is None else _document(snapshot, study, found, 1.0 if spec.minimizes else -1.0)


def _history(view: View, outside: Outside) -> History:
    """Without trials that were nudged or lie outside of the space: they are no samples of its configurations."""
    columns, state = view.trials, view.trials.texts["state"]
    samples = (columns.numbers["touched"] != 1.0) & ~np.isin(columns.number, list(outside))
    outcomes = np.array([_KNOWN.get(name, Outcome.CANCELLED) for name in (*state.names, "")], np.int8)
    return History(
        numbers=columns.number[samples],
        units=columns.units[samples],
        values=view.losses[samples],
        states=outcomes[state.codes[samples]],
        steps=columns.numbers["step"][samples],
        rounds=np.nan_to_num(columns.numbers["round"][samples]).astype(np.int32),
    )


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
