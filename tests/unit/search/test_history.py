import numpy as np
import pytest

from caviar.search.history import History, HistoryBuffer, Outcome


def test_grows_and_keeps_what_was_written():
    buffer = HistoryBuffer(2, capacity=2)
    for number in range(9):
        buffer.append(number, np.array([number / 10, 0.5]), number // 3)
    buffer.update(7, Outcome.COMPLETED, 0.25, 4)
    history = buffer.view()
    assert len(history) == 9
    assert history.dimension == 2
    np.testing.assert_allclose(history.units[:, 0], np.arange(9) / 10)
    assert history.rounds.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert (history.states[7], history.values[7], history.steps[7]) == (Outcome.COMPLETED, 0.25, 4)
    assert np.isnan(history.values[6])


def test_numbers_with_gaps_are_found():
    buffer = HistoryBuffer(1)
    for number in (2, 5, 9):
        buffer.append(number, np.zeros(1), 0)
    buffer.update(5, Outcome.FAILED, None, None)
    assert buffer.view().states.tolist() == [0, 3, 0]
    with pytest.raises(KeyError):
        buffer.update(4, Outcome.FAILED, None, None)
    with pytest.raises(ValueError, match="does not follow"):
        buffer.append(9, np.zeros(1), 0)


def test_a_view_cannot_be_written_and_a_detached_one_does_not_change():
    buffer = HistoryBuffer(1)
    buffer.append(0, np.zeros(1), 0)
    view, detached = buffer.view(), buffer.view().detached()
    with pytest.raises(ValueError, match="read-only"):
        view.values[0] = 1.0
    buffer.update(0, Outcome.COMPLETED, 3.0, None)
    assert view.values[0] == 3.0
    assert np.isnan(detached.values[0])


def test_an_empty_history_has_its_dimension():
    assert History.empty(3).units.shape == (0, 3)
