import pytest

from caviar.client.retry import RetryPolicy, is_repeatable, retry_after


def test_delays_double_up_to_the_longest() -> None:
    policy = RetryPolicy(attempts=9, first_delay=0.5, longest_delay=4.0)
    assert [policy.delay(attempt, 1.0) for attempt in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


def test_jitter_takes_up_to_half_off() -> None:
    assert RetryPolicy(first_delay=1.0).delay(1, 0.0) == 0.5


def test_the_last_attempt_is_the_last() -> None:
    assert RetryPolicy(attempts=3).delay(3, 0.0) is None


def test_a_server_s_retry_after_is_kept_to_within_reason() -> None:
    policy = RetryPolicy(longest_delay=5.0)
    assert policy.delay(1, 0.0, retry_after=2.0) == 2.0
    assert policy.delay(1, 0.0, retry_after=3600.0) == 5.0


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_retry_after_is_read_in_seconds(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_a_post_is_repeatable_only_with_a_key() -> None:
    assert is_repeatable("GET", has_key=False)
    assert is_repeatable("POST", has_key=True)
    assert not is_repeatable("POST", has_key=False)
