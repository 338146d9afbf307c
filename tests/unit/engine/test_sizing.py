"""What `memory_mb: auto` asks for."""

from hypothesis import given
from hypothesis import strategies as st

from caviar.engine.allot import amounts
from caviar.engine.sizing import GRAIN_MB, HEADROOM, PATIENCE, Sizing, first_guess

NODE = amounts(cpus=8, memory_mb=16_000)
SMALL = amounts(cpus=4, memory_mb=4_000)


def test_the_first_guess_is_the_share_of_the_poorest_node() -> None:
    assert first_guess([NODE, SMALL], cpus=2) == Sizing(1984.0)
    assert first_guess([amounts(cpus=4)], cpus=2) is None


def test_it_grows_to_what_was_seen_with_headroom() -> None:
    sizing = Sizing(256.0).after_peak(1000.0)
    assert HEADROOM * 1000 <= sizing.memory_mb <= HEADROOM * 1000 + GRAIN_MB


def test_an_attempt_that_ran_out_doubles_it_once_however_many_did() -> None:
    sizing = Sizing(512.0)
    for _ in range(5):
        sizing = sizing.after_oom(520.0)
    assert sizing.memory_mb == 1088.0


def test_it_shrinks_only_after_patience_and_not_by_little() -> None:
    sizing = Sizing(4096.0)
    for _ in range(PATIENCE - 1):
        sizing = sizing.after_peak(100.0)
    assert sizing.memory_mb == 4096.0
    assert sizing.after_peak(100.0).memory_mb == 128.0
    near = Sizing(256.0)
    for _ in range(2 * PATIENCE):
        near = near.after_peak(170.0)
    assert near.memory_mb == 256.0


def test_it_never_asks_for_more_than_the_largest_node_has() -> None:
    assert Sizing(90_000.0).within([NODE, SMALL]).memory_mb == 16_000
    assert Sizing(9_000.0).within([NODE, SMALL]).memory_mb == 9_000
    assert Sizing(9_000.0).within([amounts(cpus=3)]).memory_mb == 9_000


@given(st.lists(st.tuples(st.booleans(), st.floats(1.0, 1e6)), max_size=120))
def test_whatever_happens_the_document_brings_it_back_and_stays_small(story: list[tuple[bool, float]]) -> None:
    sizing = Sizing(512.0)
    for ran_out, peak in story:
        before = sizing
        sizing = sizing.after_oom(peak) if ran_out else sizing.after_peak(peak)
        if ran_out:
            assert sizing.memory_mb >= max(before.memory_mb, 2 * peak)
    assert Sizing.from_document(sizing.to_document()) == sizing
    assert len(sizing.peaks) <= 50
