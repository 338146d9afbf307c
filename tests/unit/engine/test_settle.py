import dataclasses

from caviar.domain.states import StudyState
from caviar.engine.settle import FINISH, STOP, End, GoOn, WindDown, next_step
from caviar.storage.rows import StudyRow


def study(**changes: object) -> StudyRow:
    nothing = {field.name: None for field in dataclasses.fields(StudyRow)}
    counters = dict.fromkeys(
        ("waiting", "running", "paused", "completed", "stopped", "failed", "infeasible", "cancelled"), 0
    )
    return StudyRow(**{**nothing, **counters, "state": StudyState.RUNNING, "exhausted": False, **changes})


def step(row: StudyRow, *, left: int = 0, max_failures: int | None = None, now: float = 0.0) -> object:
    return next_step(row, left=left, max_failures=max_failures, now=now)


def test_a_study_goes_on_while_anything_is_left() -> None:
    assert step(study(), left=1) == GoOn()
    assert step(study(running=1)) == GoOn()
    assert step(study(waiting=1)) == GoOn()


def test_a_study_completes_when_its_budget_is_used_up() -> None:
    assert step(study(completed=3)) == End(StudyState.COMPLETED, None)
    assert step(study(stopped=1, failed=9)) == End(StudyState.COMPLETED, None)


def test_a_study_without_any_result_has_failed() -> None:
    end = step(study(failed=3))
    assert isinstance(end, End)
    assert end.state is StudyState.FAILED
    assert end.reason is not None
    assert end.reason.code == "no_result"


def test_an_exhausted_space_is_said() -> None:
    end = step(study(completed=3, exhausted=True))
    assert isinstance(end, End)
    assert end.reason is not None
    assert end.reason.code == "exhausted"


def test_failures_beyond_the_allowed_wind_the_study_down() -> None:
    assert step(study(failed=5, running=1), max_failures=5) == GoOn()
    assert isinstance(step(study(failed=6, running=1), max_failures=5), WindDown)


def test_the_deadline_winds_the_study_down_with_what_it_has() -> None:
    assert step(study(running=1, deadline_at=10.0), now=9.9) == GoOn()
    over = step(study(running=1, deadline_at=10.0), now=10.0)
    assert isinstance(over, WindDown)
    assert over.intent == FINISH


def test_a_study_that_winds_down_ends_with_its_last_trial() -> None:
    assert step(study(intent=STOP, running=1, reason_code="stopped")) == GoOn()
    end = step(study(intent=STOP, reason_code="stopped", reason_message="by hand"), left=5)
    assert isinstance(end, End)
    assert end.state is StudyState.CANCELLED
