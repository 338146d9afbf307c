from itertools import pairwise

from caviar.cli.supervisor.policy import (
    HEALTHY_AFTER,
    HOPELESS_AFTER,
    LONGEST_DELAY,
    Life,
    Phase,
    became_ready,
    crashed,
    delay,
    is_due,
    started,
    was_stopped,
)


def crash_at(life: Life, now: float) -> Life:
    return crashed(became_ready(started(life, now), now), now)


def test_delays_double_from_half_a_second_to_thirty() -> None:
    delays = [delay(failures) for failures in range(1, 12)]
    assert delays[:4] == [0.5, 1.0, 2.0, 4.0]
    assert delays[-1] == LONGEST_DELAY
    assert all(later >= earlier for earlier, later in pairwise(delays))
    assert delay(10_000) == LONGEST_DELAY


def test_a_new_process_is_due_at_once() -> None:
    assert is_due(Life(), 0.0)


def test_a_crashed_one_is_due_after_its_delay() -> None:
    life = crash_at(Life(), 100.0)
    assert not is_due(life, 100.4)
    assert is_due(life, 100.5)


def test_crashes_in_a_row_wait_longer() -> None:
    life = Life()
    waits = []
    for now in (0.0, 10.0, 20.0):
        life = crash_at(life, now)
        waits.append(life.not_before - now)
    assert waits == [0.5, 1.0, 2.0]


def test_a_healthy_minute_forgives_what_was() -> None:
    life = crash_at(crash_at(Life(), 0.0), 1.0)
    life = became_ready(started(life, 10.0), 11.0)
    assert crashed(life, 11.0 + HEALTHY_AFTER).not_before == 11.0 + HEALTHY_AFTER + 0.5
    assert crashed(life, 10.9 + HEALTHY_AFTER).failures == 3


def test_one_that_never_came_up_is_given_up() -> None:
    life = Life()
    for now in range(HOPELESS_AFTER):
        assert life.phase is not Phase.GIVEN_UP
        life = crashed(started(life, now), now)
    assert life.phase is Phase.GIVEN_UP
    assert not is_due(life, 1e9)


def test_one_that_was_up_once_is_never_given_up() -> None:
    life = crash_at(Life(), 0.0)
    for now in range(1, 50):
        life = crashed(started(life, now), now)
    assert life.phase is Phase.DOWN


def test_one_that_was_stopped_has_not_failed() -> None:
    life = was_stopped(became_ready(started(Life(), 0.0), 1.0), 5.0)
    assert life.failures == 0
    assert is_due(life, 5.0)
