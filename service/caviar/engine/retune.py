"""Is a finished study's result stale? A canary first; only where it says so is the study tuned again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from caviar.domain.document import parse_study
from caviar.domain.editing import of_space
from caviar.domain.errors import CaviarError, Conflict, InvalidInput, Problem
from caviar.domain.spec import RepeatSpec, Retune, StudySpec
from caviar.domain.states import TrialState, is_terminal
from caviar.engine.canary import Known, planned
from caviar.engine.commands import create_study, locked
from caviar.engine.fingerprint import differences
from caviar.engine.heritage import Heritage, account, begun_with, gathered, numbered
from caviar.engine.learning import elite_of
from caviar.engine.schedule import next_time
from caviar.engine.verdict import Sample, Verdict, judge
from caviar.engine.work import Work
from caviar.search.learned import Learned, bounds_around
from caviar.storage import retunes, trials
from caviar.storage.rows import RetuneRow, StudyRow

Trigger = Literal["asked", "cron", "data"]
FEWEST = 5
"""Completed trials that a study needs before it can be looked at again."""
HELD_BACK, MOST_HELD_BACK = 0.25, 0.75
MOST_OF_A_NAME = 170


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks and for what. `data` is the new data's section of the document; `changes` those of the canary's size."""

    trigger: Trigger = "asked"
    note: str | None = None
    data: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] | None = None


def start_retune(work: Work, study_id: str, asked: Asked) -> RetuneRow:
    """Starts the canary. A study that has one under way gets no second: that one is the answer."""
    study = locked(work, study_id)
    under_way = retunes.open_of(work.tx, study.id)
    if under_way is not None:
        return under_way
    if not is_terminal(study.state):
        raise Conflict(f"The study is {study.state}.", code="study_unfinished", hint="Wait for its end.")
    spec = parse_study(study.spec)
    known = _known(work, study, spec)
    if len(known) < FEWEST:
        few = f"The study has {len(known)} completed trials; a canary compares {FEWEST} at least."
        raise Conflict(few, code="too_few_results", hint="Submit the study anew.")
    plan = planned(spec.space, known, _sizes(study, asked), study.seed + len(retunes.of_study(work.tx, study.id)))
    row = _row(work, study, asked)
    initial = [dict(each.params) for each in plan for _ in range(each.repeats)]
    canary = create_study(work, _canary_document(study, row, asked, initial), _canary_heritage(study, row))
    row.canary_id = canary.id
    first, documents = 0, []
    for each in plan:
        documents.append(each.to_document(first))
        first += each.repeats
    row.plan = {"samples": documents, "data": asked.data and dict(asked.data)}
    retunes.insert(work.tx, row)
    work.touch(study)
    return row


def decide(work: Work, retune_id: str) -> None:
    """What the canary's results mean. Harmless to repeat: a decision is made once, under the study's lock."""
    seen = retunes.get(work.tx, retune_id)
    if seen is None:
        return
    work.lock({seen.study_id, seen.canary_id})
    row, study = retunes.get(work.tx, retune_id), work.studies.get(seen.study_id)
    if row is None or row.state != "canary" or study is None:
        return
    canary = work.studies.get(row.canary_id)
    verdict = None if canary is None else judge(_samples(work, row, canary))
    row.decided_at = work.now
    row.state = "failed" if verdict is None else "stale" if verdict.stale else "good"
    row.verdict = {"verdict": "unknown", "why": "too few of the canary's trials completed"}
    if verdict is not None:
        changed = differences(study.fingerprint, None if canary is None else canary.fingerprint)
        row.verdict = {**verdict.to_document(), "changed": changed}
    if verdict is not None and verdict.stale and canary is not None and study.deleted_at is None:
        _tune_again(work, study, canary, row, verdict)
    retunes.save(work.tx, row)
    work.touch(study)


def _tune_again(work: Work, study: StudyRow, canary: StudyRow, row: RetuneRow, verdict: Verdict) -> None:
    """What keeps the new study from being made is told with the verdict: time does not stop for it."""
    try:
        row.successor_id = _successor(work, study, canary, row, verdict).id
    except CaviarError as error:
        row.verdict = {**(row.verdict or {}), "problem": error.detail}


def start_scheduled(work: Work, study_id: str) -> None:
    """The time that `retune.cron` names has come. A study that was replaced by another is not looked at any more."""
    work.lock([study_id])
    study = work.studies.get(study_id)
    if study is None or study.retune_at is None or study.retune_at > work.now:
        return
    work.touch(study)
    replaced = any(each.successor_id for each in retunes.of_study(work.tx, study_id))
    study.retune_at = None if replaced else next_time(parse_study(study.spec).retune, work.now)
    if not replaced and study.deleted_at is None and study.completed >= FEWEST:
        with suppress(CaviarError):  # it is tried again the next time
            start_retune(work, study_id, Asked("cron"))


def _known(work: Work, study: StudyRow, spec: StudySpec) -> list[Known]:
    """Completed trials that lie in the space as it is now, none that was nudged, as they began."""
    sign = 1.0 if spec.minimizes else -1.0
    rows = trials.in_states(work.tx, study.id, [TrialState.COMPLETED.value])
    fine = [row for row in rows if row.value is not None and row.unit and not row.touched]
    begun = {trial: of_space(spec.space, params) for trial, params in begun_with(work.tx, study, fine).items()}
    return [Known(row.number, begun[row.id], np.frombuffer(row.unit), sign * (row.value or 0.0)) for row in fine]


def _sizes(study: StudyRow, asked: Asked) -> Retune:
    given = {**(study.spec.get("retune") or {}), **(asked.changes or {})}
    try:
        return Retune.model_validate(given)
    except ValueError as error:
        raise InvalidInput([Problem("", str(error))]) from None


def _row(work: Work, study: StudyRow, asked: Asked) -> RetuneRow:
    return RetuneRow(
        id=work.new_id(),
        study_id=study.id,
        state="canary",
        trigger=asked.trigger,
        note=asked.note,
        canary_id="",
        successor_id=None,
        plan={},
        verdict=None,
        created_at=work.now,
        decided_at=None,
    )


def _canary_document(study: StudyRow, row: RetuneRow, asked: Asked, initial: list[dict[str, Any]]) -> dict[str, Any]:
    """Every trial is planned and none is cut short; nothing is scheduled after it. Where trials have seeds of their own
    those of the canary have as well, which takes repeats after the planned ones: the fewest."""
    seeded = study.spec.get("repeat") and RepeatSpec(seeds=2, top=1)
    trials = len(initial) + (seeded.trials if seeded else 0)
    search = {"strategy": "random", "seed": study.seed, "initial": initial}
    budget = {**study.spec["budget"], "trials": trials, "seconds": None, "max_failures": None}
    document = {**study.spec, "name": _name(study, "canary", row), "search": search, "budget": budget}
    data = asked.data if asked.data is not None else study.spec.get("data")
    repeat = seeded and seeded.model_dump()
    return {**document, "stopping": {"rule": "none"}, "repeat": repeat, "retune": None, "data": data and dict(data)}


def _canary_heritage(study: StudyRow, row: RetuneRow) -> Heritage:
    return Heritage(study.id, {**_origin("canary", study, row), **account([])})


def _origin(kind: str, study: StudyRow, row: RetuneRow) -> dict[str, Any]:
    return {"kind": kind, "study": {"id": study.id, "name": study.name}, "retune": row.id}


def _name(study: StudyRow, kind: str, row: RetuneRow) -> str:
    return f"{study.name[:MOST_OF_A_NAME]}-{kind}-{row.id[-6:]}"


def _samples(work: Work, row: RetuneRow, canary: StudyRow) -> list[Sample]:
    sign = 1.0 if canary.spec["metric"]["goal"] == "minimize" else -1.0
    found = trials.in_states(work.tx, canary.id, [TrialState.COMPLETED.value])
    values = {trial.number: sign * trial.value for trial in found if trial.value is not None}
    samples = []
    for each in row.plan["samples"]:
        new = tuple(values[number] for number in each["numbers"] if number in values)
        samples.append(Sample(each["role"], each["trial"], each["old"], new))
    return samples


def _successor(work: Work, study: StudyRow, canary: StudyRow, row: RetuneRow, verdict: Verdict) -> StudyRow:
    """The study again on the new data: the old region widened by how much the ranks moved, what the canary has seen of
    the new data as its history."""
    spec = parse_study(study.spec)
    old = gathered(work.tx, study, spec.space)
    seen = numbered([each for each in gathered(work.tx, canary, spec.space) if each.source_id == canary.id])
    bounds = bounds_around(spec.space, np.array(elite_of(old, minimizes=spec.minimizes)), verdict.moved)
    whole = HELD_BACK + (MOST_HELD_BACK - HELD_BACK) * verdict.moved
    why = f"taken over from {study.name}, widened by {verdict.moved:.0%}, since its ranks moved"
    region = Learned(bounds, whole, why)
    origin = {**_origin("retune", study, row), **account(seen), "region": region.to_document()}
    document = {**study.spec, "name": _name(study, "retune", row), "data": canary.spec.get("data")}
    document["search"] = {**study.spec["search"], "seed": None, "initial": [], "learn_from": None}
    return create_study(work, document, Heritage(study.id, origin, [replace(each) for each in seen]))
