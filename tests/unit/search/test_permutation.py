import pytest

from caviar.search.permutation import Permutation


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_every_index_comes_once(size):
    order = Permutation(size, seed=5)
    assert sorted(order[index] for index in range(size)) == list(range(size))


def test_seeds_shuffle_differently_and_the_same_seed_alike():
    orders = [[Permutation(500, seed)[index] for index in range(500)] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_astronomic_sizes_cost_nothing():
    order = Permutation(10**80, seed=0)
    assert len({order[index] for index in range(100)}) == 100
    with pytest.raises(IndexError):
        order[10**80]
