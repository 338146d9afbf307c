from hypothesis import given
from hypothesis import strategies as st

from caviar.engine.log_ring import last_to_drop


def test_what_fits_is_kept() -> None:
    assert last_to_drop([(1, 1, 4), (1, 2, 6)], kept=10) is None


def test_the_oldest_go_first() -> None:
    assert last_to_drop([(1, 1, 4), (1, 9, 6), (2, 1, 5)], kept=10) == (1, 9)


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 40))
def test_the_newest_pieces_that_fit_stay(sizes: list[int], kept: int) -> None:
    pieces = [(1, seq, size) for seq, size in enumerate(sizes)]
    last = last_to_drop(pieces, kept)
    first_kept = 0 if last is None else last[1] + 1
    assert sum(sizes[first_kept:]) <= kept
    assert last is None or sum(sizes[last[1] :]) > kept
