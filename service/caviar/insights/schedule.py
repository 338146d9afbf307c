"""What one person did to one trial, as a study: its nudges become the rules of a schedule."""

from collections.abc import Sequence
from typing import Any

from caviar.domain.errors import Conflict
from caviar.insights.documents import Document
from caviar.storage import nudges
from caviar.storage.database import Snapshot
from caviar.storage.nudges import APPLIED
from caviar.storage.rows import NudgeRow, StudyRow, TrialRow


def schedule_of(
    snapshot: Snapshot, study: StudyRow, trial: TrialRow, *, name: str | None, trials: int | None, plateau: float | None
) -> Document:
    """A study document: the trial's study with the rules. `plateau`: the rules wait for so many steps without
    improvement rather than for the steps at which the nudges came. Raises Conflict for a trial without any."""
    found = [nudge for nudge in nudges.of_trial(snapshot, trial.id) if nudge.state == APPLIED]
    if not found:
        said = f"Trial {trial.number} was never nudged: there is no schedule in it."
        raise Conflict(said, code="no_nudges", hint="caviar nudge STUDY NUMBER name=value")
    budget = study.spec["budget"] if trials is None else {**study.spec["budget"], "trials": trials}
    rules = rules_of(found, plateau)
    return {**study.spec, "name": name or f"{study.name}-schedule"[-200:], "rules": rules, "budget": budget}


def rules_of(found: Sequence[NudgeRow], plateau: float | None) -> list[Document]:
    """One rule a nudge, in their order. Numbers are multiplied, so that the rule fits trials that began elsewhere."""
    rules = []
    for nudge in found:
        factors = {name: nudge.new[name] / nudge.old[name] for name in nudge.new if _is_ratio(nudge, name)}
        values = {name: value for name, value in nudge.new.items() if name not in factors}
        when = {"step": nudge.step or 0.0} if plateau is None else {"plateau": plateau}
        rule: Document = {"when": when}
        rule |= {"multiply": factors} if factors else {}
        rule |= {"set": values} if values else {}
        rule |= {"times": 1} if plateau is not None else {}
        rules.append(rule)
    return rules


def _is_ratio(nudge: NudgeRow, name: str) -> bool:
    return _positive(nudge.old.get(name)) and _positive(nudge.new[name])


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
