"""What a study has from others: their results, each placed in its own space or left out for a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from caviar.domain.document import parse_study
from caviar.domain.editing import Refit, refit
from caviar.domain.space import Space
from caviar.domain.values import Value
from caviar.engine.nudges import BY_RULE
from caviar.storage import inherited, nudges, trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import InheritedRow, StudyRow, TrialRow

TELLING = ("completed", "stopped", "failed", "infeasible")
"""States of a trial that say something of its configuration."""
MOST = 20_000
"""Results that one study inherits: the newest."""


@dataclass(frozen=True, slots=True)
class Heritage:
    """`rows` are numbered from -n to -1; `origin` says for people and programs where they come from."""

    parent_id: str
    origin: dict[str, Any]
    rows: Sequence[InheritedRow] = ()

    def rows_of(self, study_id: str) -> list[InheritedRow]:
        return [replace(row, study_id=study_id) for row in self.rows]


def fork_of(snapshot: Snapshot, parent: StudyRow, space: Space) -> Heritage:
    """All that the parent's results, its own and those it inherited, say of `space`, as they are now."""
    rows = numbered(gathered(snapshot, parent, space))
    origin = {"kind": "fork", "study": {"id": parent.id, "name": parent.name}, "counted": None, "left_out": None}
    return Heritage(parent.id, {**origin, **account(rows)}, rows)


def gathered(snapshot: Snapshot, parent: StudyRow, space: Space) -> list[InheritedRow]:
    """What was nudged by hand is a sample of no configuration."""
    before = parse_study(parent.spec).space
    earlier = [placed(row, before, space) for row in inherited.of_study(snapshot, parent.id)]
    rows = [trial for trial in trials.in_states(snapshot, parent.id, TELLING) if not trial.touched]
    begun = begun_with(snapshot, parent, rows)
    own = [placed(_as_inherited(trial, begun[trial.id]), before, space) for trial in rows]
    return [*earlier, *own][-MOST:]


def begun_with(snapshot: Snapshot, study: StudyRow, rows: Iterable[TrialRow]) -> dict[str, dict[str, Value]]:
    """By trial, the configuration it began with: what the study's rules have changed since is part of its training."""
    found = {row.id: row.params for row in rows}
    if study.spec.get("rules"):
        for nudge in nudges.in_force(snapshot, study.id, BY_RULE):
            if nudge.trial_id in found:
                found[nudge.trial_id] = {**found[nudge.trial_id], **nudge.old}
    return found


def placed(row: InheritedRow, before: Space, after: Space) -> InheritedRow:
    """The row where it stands in `after`."""
    found = refit(before, after, row.params)
    return replace(row, unit=unit_bytes(found), parameter=_parameter(found), why=_why(found))


def numbered(rows: Sequence[InheritedRow]) -> list[InheritedRow]:
    return [replace(row, number=place - len(rows)) for place, row in enumerate(rows)]


def account(rows: Iterable[InheritedRow]) -> dict[str, Any]:
    """How many count, how many do not, and by which parameter, with one example each."""
    counted, causes = 0, dict[str, dict[str, Any]]()
    for row in rows:
        if row.unit is not None:
            counted += 1
        else:
            name = row.parameter or ""
            cause = causes.setdefault(name, {"parameter": row.parameter, "results": 0, "example": row.why})
            cause["results"] += 1
    left_out = sum(cause["results"] for cause in causes.values())
    return {"counted": counted, "left_out": left_out, "causes": list(causes.values())}


def unit_bytes(found: Refit) -> bytes | None:
    return None if found.unit is None else found.unit.tobytes()


def _as_inherited(trial: TrialRow, params: dict[str, Value]) -> InheritedRow:
    return InheritedRow(
        study_id="",
        number=0,
        source_id=trial.study_id,
        source_number=trial.number,
        params=params,
        state=trial.state.value,
        value=trial.value,
        step=trial.step,
        unit=None,
        parameter=None,
        why=None,
    )


def _parameter(found: Refit) -> str | None:
    if found.why is None:
        return None
    return found.why.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~") or None


def _why(found: Refit) -> str | None:
    return None if found.why is None else found.why.detail
