"""UUIDv7 out of a moment and some random bits."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caviar.domain.ids import RANDOM_BITS, is_uuid, uuid7

MOMENTS = st.integers(0, 2**48 - 1)
RANDOMS = st.integers(0, 2**RANDOM_BITS - 1)


def test_the_example_of_rfc_9562():
    assert uuid7(0x017F22E279B0, 0xCC3 << 62 | 0x18C4DC0C0C07398F) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(MOMENTS, RANDOMS)
def test_it_is_a_uuid_of_version_seven(moment, random):
    made = uuid.UUID(uuid7(moment, random))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == moment
    assert is_uuid(str(made))


@given(MOMENTS, RANDOMS, MOMENTS, RANDOMS)
def test_ids_sort_by_moment_then_by_random(moment, random, later, other):
    assert (uuid7(moment, random) < uuid7(later, other)) == ((moment, random) < (later, other))


@pytest.mark.parametrize(("moment", "random"), [(-1, 0), (2**48, 0), (0, -1), (0, 2**RANDOM_BITS)])
def test_what_does_not_fit_is_refused(moment, random):
    with pytest.raises(ValueError, match="must fit"):
        uuid7(moment, random)


@pytest.mark.parametrize("text", ["digits", "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n", "017F22E2-79B0-7CC3"])
def test_a_name_is_no_id(text):
    assert not is_uuid(text)
