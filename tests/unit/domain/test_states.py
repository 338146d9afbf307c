"""What may follow what, in the life of a study, a trial and an attempt."""

import itertools

import pytest

from caviar.domain.states import (
    ATTEMPT_TRANSITIONS,
    STUDY_TRANSITIONS,
    TRIAL_TRANSITIONS,
    AttemptState,
    IllegalTransition,
    Reason,
    StudyState,
    TrialState,
    check_transition,
    is_terminal,
)

TABLES = [(StudyState, STUDY_TRANSITIONS), (TrialState, TRIAL_TRANSITIONS), (AttemptState, ATTEMPT_TRANSITIONS)]


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_state_has_an_entry_and_none_follows_itself(states, table):
    assert set(table) == set(states)
    assert all(state not in followers for state, followers in table.items())
    assert all(isinstance(state, states) for followers in table.values() for state in followers)


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_check_agrees_with_the_table(states, table):
    for old, new in itertools.product(states, states):
        if new in table[old]:
            check_transition(old, new)
        else:
            with pytest.raises(IllegalTransition, match=f"{old} may not become {new}"):
                check_transition(old, new)


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_state_can_end_and_be_reached(states, table):
    first = next(iter(states))
    reached, frontier = {first}, [first]
    while frontier:
        frontier = [new for old in frontier for new in table[old] if new not in reached]
        reached.update(frontier)
    assert reached == set(states)
    assert all(is_terminal(state) or any(is_terminal(new) for new in table[state]) for state in states)


def test_a_finished_trial_is_final():
    assert all(not TRIAL_TRANSITIONS[state] for state in TrialState if is_terminal(state))
    assert all(not ATTEMPT_TRANSITIONS[state] for state in AttemptState if is_terminal(state))


def test_only_extending_reopens_a_finished_study_and_a_cancelled_one_stays_so():
    ends = {state: STUDY_TRANSITIONS[state] for state in StudyState if is_terminal(state)}
    assert ends == {
        StudyState.COMPLETED: {StudyState.RUNNING},
        StudyState.FAILED: {StudyState.RUNNING},
        StudyState.CANCELLED: frozenset(),
    }


def test_a_lost_attempt_lets_its_trial_wait_again():
    check_transition(TrialState.RUNNING, TrialState.WAITING)


def test_a_batched_trial_passes_through_running():
    with pytest.raises(IllegalTransition):
        check_transition(TrialState.WAITING, TrialState.COMPLETED)
    check_transition(TrialState.WAITING, TrialState.RUNNING)
    check_transition(TrialState.RUNNING, TrialState.COMPLETED)


def test_states_of_different_things_do_not_mix():
    with pytest.raises(IllegalTransition):
        check_transition(StudyState.QUEUED, TrialState.RUNNING)
    assert not is_terminal(StudyState.RUNNING)
    assert is_terminal(AttemptState.LOST)


def test_a_reason_is_a_document():
    assert Reason("oom", "killed").to_document() == {"code": "oom", "message": "killed"}
