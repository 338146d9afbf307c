import pytest

from caviar.domain.states import Reason, TrialState
from caviar.engine.outcomes import (
    MAX_LOSSES,
    End,
    Retry,
    after_failure,
    after_finish,
    after_loss,
    after_return,
    after_stop,
)
from caviar_workers.protocol import FailureCode


@pytest.mark.parametrize("code", [FailureCode.SIGNAL, FailureCode.EXIT, FailureCode.OOM])
def test_a_crash_is_retried_until_the_retries_are_used_up(code: FailureCode) -> None:
    assert isinstance(after_failure(code, "x", failures=2, retries=2), Retry)
    decision = after_failure(code, "x", failures=3, retries=2)
    assert isinstance(decision, End)
    assert decision.reason == Reason(code.value, "x")


def test_what_does_not_fit_the_limits_is_infeasible_and_what_breaks_has_failed() -> None:
    ends = {code: after_failure(code, "x", failures=9, retries=2) for code in FailureCode}
    infeasible = {code for code, end in ends.items() if isinstance(end, End) and end.state is TrialState.INFEASIBLE}
    assert infeasible == {FailureCode.OOM, FailureCode.TIMEOUT}


@pytest.mark.parametrize(
    "code",
    [FailureCode.EXCEPTION, FailureCode.IMPORT, FailureCode.BUNDLE, FailureCode.TIMEOUT, FailureCode.METRIC_MISSING],
)
def test_what_would_only_come_again_is_not_retried(code: FailureCode) -> None:
    assert isinstance(after_failure(code, "x", failures=1, retries=5), End)


def test_losses_have_a_budget_of_their_own() -> None:
    assert isinstance(after_loss("gone", losses=MAX_LOSSES), Retry)
    assert isinstance(after_loss("gone", losses=MAX_LOSSES + 1), End)


def test_a_stop_by_a_rule_keeps_the_trial_as_stopped_and_one_with_its_study_as_cancelled() -> None:
    assert after_stop(Reason("stopping_rule", "x")).state is TrialState.STOPPED
    assert after_stop(Reason("study_stopped", "x")).state is TrialState.CANCELLED
    assert after_stop(None).state is TrialState.STOPPED


def test_a_returned_attempt_waits_again_unless_it_was_to_stop() -> None:
    assert isinstance(after_return(None), Retry)
    assert isinstance(after_return(Reason("study_stopped", "x")), End)


def test_an_end_without_the_objective_is_no_completion() -> None:
    decision = after_finish("loss", value=None, reported=False)
    assert decision.state is TrialState.FAILED
    assert decision.reason is not None
    assert decision.reason.code == "metrics_unavailable"


def test_a_result_that_is_not_finite_completes_and_does_not_rank() -> None:
    decision = after_finish("loss", value=None, reported=True)
    assert decision.state is TrialState.COMPLETED
    assert decision.reason is not None
    assert decision.reason.code == "non_finite"
