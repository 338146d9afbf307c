"""A study made of another, and a study whose space is changed under way: neither loses what was learned."""

from collections.abc import Mapping
from typing import Any

from caviar.domain.document import parse_study
from caviar.domain.editing import edited_space, refit
from caviar.domain.errors import Conflict, InvalidInput, InvalidStudy
from caviar.domain.space import Space
from caviar.domain.states import Reason, StudyState, TrialState
from caviar.engine.commands import create_study, locked
from caviar.engine.heritage import account, begun_with, fork_of, placed, unit_bytes
from caviar.engine.lease import store_rounds, waiting_unleased
from caviar.engine.settle import settle
from caviar.engine.work import Work
from caviar.search.coarse_to_fine.rounds import edited as edited_round
from caviar.storage import inherited, studies, trials
from caviar.storage.rows import StudyRow, TrialRow

MOST_OF_A_NAME = 180
"""Characters of a parent's name that its fork's keeps."""

REPLACED = ("name", "search", "budget", "stopping", "resources", "retries", "labels", "train", "code")
"""Sections that a fork may have otherwise than its parent. Not the metric: values must stay comparable."""


def fork_study(work: Work, parent_id: str, changes: Mapping[str, Any]) -> StudyRow:
    """A new study with the parent's document, changed; the parent's results that lie in its space are its history.

    `changes`: space and freeze (see `edited_space`), constraints, and sections to be merged into the parent's.
    """
    parent = locked(work, parent_id)
    nth = studies.count_children(work.tx, parent.id) + 1
    name = changes.get("name") or f"{parent.name[:MOST_OF_A_NAME]}-fork-{nth}"
    document = forked_document(parent.spec, {**changes, "name": name})
    space = parse_study(document).space
    return create_study(work, document, fork_of(work.tx, parent, space))


def forked_document(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The seed is drawn anew, so that a fork is no replay; what the parent began with it does not begin with, and when
    the parent is looked at again by itself, it is not."""
    document = {**spec, "name": None, "space": _changed_space(spec, changes)}
    document["search"] = {**spec["search"], "seed": None, "initial": [], "learn_from": None}
    if spec.get("retune"):
        document["retune"] = {**spec["retune"], "cron": None}
    if changes.get("constraints") is not None:
        document["constraints"] = changes["constraints"]
    for name in REPLACED:
        given = changes.get(name)
        if given is not None:
            merges = isinstance(given, Mapping) and isinstance(document.get(name), Mapping)
            document[name] = {**document[name], **given} if merges and name not in ("train", "labels") else given
    return document


def edit_space(work: Work, study_id: str, changes: Mapping[str, Any]) -> StudyRow:
    """Changes the space of a study that is not finished. Numbers stay; results count where they lie in the new space;
    what waits and lies outside is cancelled, what runs goes on."""
    study = locked(work, study_id)
    _require_editable(study)
    spec = {**study.spec, "space": _changed_space(study.spec, changes)}
    if changes.get("constraints") is not None:
        spec["constraints"] = changes["constraints"]
    before, after = work.memory(study).spec.space, _parsed(spec)
    if before == after:
        return study
    work.touch(study)
    study.spec, study.space_version, study.exhausted = spec, study.space_version + 1, False
    outside = _move_results(work, study, before, after)
    _cancel_waiting(work, study, outside)
    _begin_round(work, study, after, changes.get("note"))
    settle(work, study)
    work.tx.wake("agents")
    return study


def _changed_space(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return edited_space(spec["space"], changes.get("space") or {}, changes.get("freeze"))


def _require_editable(study: StudyRow) -> None:
    unfinished = study.state in (StudyState.QUEUED, StudyState.RUNNING, StudyState.PAUSED) and study.intent is None
    if not unfinished:
        raise Conflict(f"The study is {study.state}.", code="study_finished", hint="Fork it (caviar fork) instead.")
    if study.spec["search"]["strategy"] == "grid":
        raise Conflict("A grid is laid before the first trial.", code="grid", hint="Fork it (caviar fork) instead.")


def _parsed(spec: Mapping[str, Any]) -> Space:
    """A mistake outside of space and constraints is one that the change has caused: a name that is used elsewhere."""
    try:
        return parse_study(spec).space
    except InvalidStudy as error:
        raise InvalidInput(error.errors) from None


def _move_results(work: Work, study: StudyRow, before: Space, after: Space) -> set[int]:
    """Places every result anew; the numbers of the study's own trials that lie outside."""
    rows = [placed(row, before, after) for row in inherited.of_study(work.tx, study.id)]
    inherited.move(work.tx, rows)
    own = _all_trials(work, study)
    begun = begun_with(work.tx, study, own)
    units = [(trial, unit_bytes(refit(before, after, begun[trial.id]))) for trial in own]
    moved = [(trial.number, unit or b"", study.revision) for trial, unit in units]
    inherited.move_trials(work.tx, study.id, moved)
    for trial, unit in units:
        trial.unit = unit or b""
    if study.origin is not None and rows:
        study.origin = {**study.origin, **account(rows)}
    return {trial.number for trial, unit in units if unit is None}


def _all_trials(work: Work, study: StudyRow) -> list[TrialRow]:
    return work.add_trials(trials.in_states(work.tx, study.id, [state.value for state in TrialState]))


def _cancel_waiting(work: Work, study: StudyRow, outside: set[int]) -> None:
    reason = Reason("outside_space", f"The space was edited (version {study.space_version}) and lacks it now.")
    for trial in waiting_unleased(work, study, study.waiting):
        if trial.number in outside and trial.origin != "manual" and not trial.attempts:
            work.set_trial(trial, TrialState.CANCELLED, reason)


def _begin_round(work: Work, study: StudyRow, space: Space, note: str | None) -> None:
    memory = work.memory(study)
    said = f"the space was edited by hand (version {study.space_version})"
    said = f"{said}: {note}" if note else said
    store_rounds(work, study, memory, (edited_round(space, len(memory.rounds), study.next_number, said),))
