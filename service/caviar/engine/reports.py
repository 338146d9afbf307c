"""Reports: stored, judged at rungs, and followed by the rules of their study."""

import math

from caviar.domain.numbers import json_number, parse_metric
from caviar.domain.states import Reason
from caviar.engine import outcomes
from caviar.engine.population import follow_population
from caviar.engine.rules import follow_rules
from caviar.engine.stop_orders import ask_to_stop
from caviar.engine.work import Work
from caviar.search.audit import is_audited, was_condemned
from caviar.search.stopping import Verdict
from caviar.storage.rows import AttemptRow, ReportRow, StudyRow, TrialRow
from caviar_workers.protocol import Number


def record_report(
    work: Work, attempt: AttemptRow, *, seq: int, at: float, step: float, metrics: dict[str, Number]
) -> Verdict:
    """Stores one report and says whether the trial may go on."""
    trial = work.trials[attempt.trial_id]
    study = work.studies[trial.study_id]
    memory = work.memory(study)
    name = memory.spec.metric.name
    numbers = {key: parse_metric(value) for key, value in metrics.items()}
    value = finite(numbers.get(name))
    shown = {key: json_number(number) for key, number in numbers.items()}
    work.reports.append(ReportRow(trial.id, attempt.number, seq, step, at, value, shown))
    verdict, before = Verdict.CONTINUE, trial.step
    if name in numbers:
        verdict = _judge(work, study, trial, step, value)
        trial.value = value
    trial.step = step
    work.changed(trial)
    if memory.spec.rules and name in numbers and verdict is Verdict.CONTINUE:
        follow_rules(work, attempt, trial, step, None if value is None else memory.sign * value)
    if name in numbers and (reason := follow_population(work, attempt, trial, before)):
        ask_to_stop(work, attempt, reason)
    rule = memory.spec.stopping.rule
    if verdict is Verdict.STOP:
        ask_to_stop(work, attempt, Reason(outcomes.STOPPING_RULE, f"Stopped by {rule} at step {step:g}."))
    elif verdict is Verdict.PAUSE:
        said = f"Waits at step {step:g} until it is among the best there ({rule})."
        ask_to_stop(work, attempt, Reason(outcomes.PAUSED_AT_RUNG, said))
    return verdict


def _judge(work: Work, study: StudyRow, trial: TrialRow, step: float, value: float | None) -> Verdict:
    memory = work.memory(study)
    if memory.stopper is None:
        return Verdict.CONTINUE
    drawn = is_audited(study.seed, trial.number, memory.spec.stopping.audit)
    if drawn and was_condemned(memory.stopper, memory.rungs, trial.number):
        return Verdict.CONTINUE
    after = -math.inf if trial.step is None else trial.step
    judged = math.nan if value is None else memory.sign * value
    for rung in memory.stopper.crossed(trial.number, after, step):
        earlier = memory.values_at(rung)
        arrival = memory.arrive(study.id, rung, trial.number, judged)
        if arrival is None:
            continue
        work.arrivals.append(arrival)
        if memory.at_rung:  # one more arrival may promote another trial
            work.tx.wake("agents")
        verdict = memory.stopper.verdict(trial.number, rung, earlier, judged)
        if verdict is not Verdict.CONTINUE:
            return Verdict.CONTINUE if drawn else verdict
    return Verdict.CONTINUE


def finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
