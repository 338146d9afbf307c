from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.cells import cell


@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), st.text())
def test_no_text_begins_like_a_formula(first: str, rest: str) -> None:
    assert cell(first + rest) == "'" + first + rest


@given(st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text("abc0 '")))
def test_whatever_else_stays_as_it_is(value: object) -> None:
    assert cell(value) is value
