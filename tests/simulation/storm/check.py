"""What must hold when the storm has passed: I1 to I8 of the invariants, from the database and what the world saw."""

import math

from sqlalchemy import select
from tests.simulation.checker import check
from tests.simulation.documents import all_studies
from tests.simulation.storm.storm import Storm
from tests.simulation.storm.transitions import check_transitions

from caviar.domain.document import parse_study
from caviar.domain.numbers import parse_metric
from caviar.domain.states import StudyState, TrialState, is_terminal
from caviar.search.audit import is_audited
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer
from caviar.search.stopping import build_stopper
from caviar.storage import search_state, trials
from caviar.storage.database import Database, Snapshot
from caviar.storage.rows import StudyRow, TrialRow
from caviar.storage.tables import attempts, reports
from caviar.storage.tables import trials as trials_table

ASKED_FOR = ("manual", "twin")
"""Origins of trials that no search suggested."""


def check_storm(database: Database, storm: Storm) -> None:
    check(storm.engine, storm)
    check_transitions(database)
    with database.read() as snapshot:
        _nothing_lives(snapshot)
        for study in all_studies(snapshot):
            rows = trials.in_states(snapshot, study.id, [state.value for state in TrialState])
            _the_end_is_right(study)
            _values_are_the_last_reported(snapshot, storm, study, rows)
            _rungs_are_those_of_the_reports(snapshot, study, rows)
            _suggestions_are_undisturbed(study, rows)
    for agent in storm.agents:
        if not agent.gone:
            assert not agent.held(), "I6: an agent holds what nobody wants"
            assert not agent.outbox, "I2: an event was never taken"


def _nothing_lives(snapshot: Snapshot) -> None:
    live = select(attempts.c.id).where(attempts.c.state.in_(("leased", "running")))
    assert not list(snapshot.connection.scalars(live)), "I6: an attempt lives on"


def _the_end_is_right(study: StudyRow) -> None:
    assert is_terminal(study.state), "I2: the study is at its end"
    cut_short = study.exhausted or study.reason_code in ("seconds", "max_failures")
    if study.state is StudyState.COMPLETED and not cut_short:
        assert study.next_number >= study.spec["budget"]["trials"], "I4: the whole budget"


def _values_are_the_last_reported(snapshot: Snapshot, storm: Storm, study: StudyRow, rows: list[TrialRow]) -> None:
    """A trial of the world ends with a value that follows from its number alone."""
    for row in rows:
        if row.state is TrialState.COMPLETED:
            final = (row.number * 37 % 101) / (storm.behaviour.reports + 1)
            assert row.value == final, "I5: the value is the final one"
        elif row.state is TrialState.STOPPED and row.step is not None:
            told = select(reports.c.value).where(reports.c.trial_id == row.id)
            last = told.order_by(reports.c.attempt.desc(), reports.c.seq.desc()).limit(1)
            values = list(snapshot.connection.scalars(last))
            assert values == [row.value], "I5: the value is the last one reported"


def _rungs_are_those_of_the_reports(snapshot: Snapshot, study: StudyRow, rows: list[TrialRow]) -> None:
    spec = parse_study(study.spec)
    if spec.search.population is not None:  # it keeps the last rung of those a report passes
        return
    stopper = build_stopper(spec.stopping, spec.stopping.max_steps)
    expected: dict[tuple[int, int], float] = {}
    for row in rows if stopper is not None else []:
        for attempt in range(1, row.attempts + 1):
            after = -math.inf
            for report in trials.reports_of(snapshot, row.id, attempt):
                value = parse_metric(report.metrics[spec.metric.name])
                for rung in stopper.crossed(row.number, after, report.step):  # type: ignore[union-attr]
                    expected.setdefault((rung, row.number), value if spec.minimizes else -value)
                after = report.step
    stored = {(each.rung, each.number): each.value for each in search_state.arrivals_of(snapshot, study.id)}
    assert stored == {key: value for key, value in expected.items() if key in stored}, "I5: rungs as recomputed"
    stopped = select(trials_table.c.number).where(
        trials_table.c.study_id == study.id, attempts.c.trial_id == trials_table.c.id, attempts.c.stop_code.is_not(None)
    )
    unjudged = {number for _, number in expected.keys() - stored.keys()}
    audited = {number for number in unjudged if is_audited(study.seed, number, spec.stopping.audit)}
    assert unjudged <= {*snapshot.connection.scalars(stopped), *audited}, "I5: an arrival is missing"


def _suggestions_are_undisturbed(study: StudyRow, rows: list[TrialRow]) -> None:
    """What a search without memory suggests for a number, it suggests whatever happened (I8)."""
    spec = parse_study(study.spec)
    searcher = build_searcher(spec.space, spec.search, spec.budget.trials, study.seed)
    if searcher.thinks or spec.repeat is not None:
        return
    plan = searcher.suggest(HistoryBuffer(spec.space.dimension).view(), [], 0, len(rows))
    calm = {each.number: each.params for each in plan.suggestions}
    for row in rows:
        if row.origin not in ASKED_FOR and not row.touched:
            assert row.params == calm[row.number], "I8: the suggestion of an undisturbed run"
