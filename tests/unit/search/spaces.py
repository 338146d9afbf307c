"""Spaces that hypothesis makes, and a history played on one."""

import numpy as np
from hypothesis import strategies as st

from caviar.domain.parameters import Choice, Constant, Float, Int
from caviar.domain.space import Space
from caviar.search.history import HistoryBuffer, Outcome


def parameters(when=None):
    choices = st.sampled_from([["a"], ["a", "b"], [1, "1", True, 2.5], list("abcdefgh")])
    return st.one_of(
        st.floats(-0.5, 1e6).map(lambda high: Float(-1.0, high, when=when)),
        st.floats(1e-4, 1e3).map(lambda high: Float(1e-5, high, scale="log", when=when)),
        st.just(Float(0.9, 0.999, scale="one_minus_log", when=when)),
        st.just(Float(0.0, 0.6, step=0.1, when=when)),
        st.integers(-2, 300).map(lambda high: Int(-3, high, when=when)),
        st.integers(2, 5000).map(lambda high: Int(1, high, scale="log", when=when)),
        choices.map(lambda values: Choice(values, when=when)),
        st.just(Choice(["s", "m", "l"], ordered=True, when=when)),
        st.just(Constant(0.9, when=when)),
    )


@st.composite
def spaces(draw):
    names = [f"p{index}" for index in range(draw(st.integers(1, 5)))]
    found = {"always": Float(0, 1), **{name: draw(parameters()) for name in names}}
    if draw(st.booleans()):
        del found["always"]
        found["kind"] = Choice(["x", "y", "z"])
        for index in range(draw(st.integers(1, 2))):
            found[f"c{index}"] = draw(parameters(when={"kind": draw(st.sampled_from([["x"], ["x", "z"]]))}))
    return Space(found)


def bowl(unit):
    """Best at 0.3 on every axis."""
    return float(np.sum((np.asarray(unit) - 0.3) ** 2))


def play(searcher, dimension, trials, *, parallel=4, loss=bowl, outcomes=None):
    """The history and the rounds after `trials` trials of which up to `parallel` run at once; the oldest ends first."""
    buffer, rounds, running = HistoryBuffer(dimension), [], []
    while len(buffer) < trials:
        plan = searcher.suggest(buffer.view(), rounds, len(buffer), min(parallel - len(running), trials - len(buffer)))
        rounds += plan.rounds
        for suggestion in plan.suggestions:
            buffer.append(suggestion.number, suggestion.unit, suggestion.round)
            running.append(suggestion)
        if plan.exhausted and not running:
            break
        ended = running.pop(0)
        state = outcomes(ended.number) if outcomes else Outcome.COMPLETED
        buffer.update(ended.number, state, None if state == Outcome.FAILED else loss(ended.unit), 1.0)
    return buffer, rounds
