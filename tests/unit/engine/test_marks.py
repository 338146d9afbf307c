"""Marks of how a study came on."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from caviar.engine.marks import MOST, Mark, marked


def course(counts: list[int]) -> list[Mark]:
    marks: list[Mark] = [[0.0, 0, None, True]]
    for count in counts:
        marks = marked(marks, [float(count), count, -float(count), False])
    return marks


@given(st.lists(st.integers(1, 40), min_size=1, max_size=400))
def test_marks_stay_few_and_in_order_and_reach_to_the_latest(steps: list[int]) -> None:
    total, counts = 0, []
    for step in steps:
        total += step
        counts.append(total)
    marks = course(counts)
    assert len(marks) <= MOST + 2
    assert [mark[1] for mark in marks] == sorted({mark[1] for mark in marks})
    assert total - marks[-1][1] <= max(2 * total // MOST, 1)
    assert marks[0][3]


def test_every_trial_of_a_short_study_is_marked() -> None:
    assert [mark[1] for mark in course(list(range(1, 21)))] == list(range(21))


def test_marks_lie_evenly_over_a_long_study() -> None:
    counts = [mark[1] for mark in course(list(range(1, 100_001)))]
    gaps = [after - before for before, after in pairwise(counts)]
    assert max(gaps) <= 2 * min(gaps)


def test_a_beginning_is_not_lost_when_marks_are_thinned() -> None:
    marks = course(list(range(1, 30)))
    marks = [*marks, [99.0, 29, None, True]]
    for count in range(30, 200):
        marks = marked(marks, [100.0 + count, count, None, False])
    assert sum(mark[3] for mark in marks) == 2
