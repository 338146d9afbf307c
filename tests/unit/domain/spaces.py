"""Parameters and spaces that hypothesis makes."""

import math

from hypothesis import strategies as st

from caviar.domain.parameters import Choice, Constant, Float, Int
from caviar.domain.space import Space

finite = st.floats(-1e9, 1e9).map(lambda number: round(number, 6))


@st.composite
def ranges(draw, low, width):
    first = draw(low)
    return first, first + draw(width)


@st.composite
def floats(draw, **common):
    scale = draw(st.sampled_from(["linear", "log", "one_minus_log"]))
    if scale == "linear":
        low, high = draw(ranges(finite, st.floats(1e-3, 1e9)))
    elif scale == "log":
        low = draw(st.floats(1e-12, 1e3))
        high = low * draw(st.floats(1.01, 1e9))
    else:
        low, high = sorted(1 - 10.0 ** -draw(st.floats(0.1, 9)) for _ in range(2))
        high = max(high, math.nextafter(low, 1) + 1e-10)
    return Float(low, high, scale=scale, **common)


@st.composite
def stepped(draw, **common):
    """Decimals as people write them."""
    digits = draw(st.integers(0, 6))
    step = draw(st.integers(1, 500))
    low = draw(st.integers(-1000, 1000))
    count = draw(st.integers(2, 300))
    rest = draw(st.integers(0, step - 1))
    high = low + step * (count - 1) + rest
    return Float(low / 10**digits, high / 10**digits, step=step / 10**digits, **common)


@st.composite
def ints(draw, **common):
    low = draw(st.integers(-(2**30), 2**30))
    return Int(low, low + draw(st.integers(1, 2**30)), **common)


@st.composite
def log_ints(draw, **common):
    low = draw(st.integers(1, 10**4))
    return Int(low, low + draw(st.integers(1, 10**9)), scale="log", **common)


values = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text("abc", max_size=3)
choices = st.lists(values, min_size=1, max_size=6, unique_by=lambda value: (isinstance(value, bool), value))


def searched(**common):
    return st.one_of(
        floats(**common),
        stepped(**common),
        ints(**common),
        log_ints(**common),
        st.builds(Choice, choices, ordered=st.booleans(), **{name: st.just(value) for name, value in common.items()}),
    )


def small(**common):
    """Few values each, so that they can be listed."""
    return st.one_of(
        st.integers(1, 3).map(lambda high: Int(0, high, **common)),
        st.integers(1, 3).map(lambda count: Choice(list(range(count)), **common)),
        st.just(Constant(0, **common)),
    )


@st.composite
def conditional(draw, parts=searched, most=7):
    """Every parameter may hang on any that came before, on one to three of them."""
    found = {"root": Choice([0, 1, 2])}
    for index in range(draw(st.integers(0, most))):
        possible = [name for name, parameter in found.items() if not isinstance(parameter, Float)]
        parents = draw(st.lists(st.sampled_from(possible), max_size=3, unique=True))
        when = {parent: draw(st.lists(st.sampled_from(_few(found[parent])), min_size=1)) for parent in parents}
        found[f"p{index}"] = draw(parts(when=when or None))
    names = draw(st.permutations(list(found)))
    return {name: found[name] for name in names}


def shallow(parameters):
    depths = {}

    def depth(name):
        if name not in depths:
            depths[name] = max((depth(parent) + 1 for parent in parameters[name].when or ()), default=0)
        return depths[name]

    return all(depth(name) <= 8 for name in parameters)


spaces = conditional().filter(shallow).map(Space)


def _few(parameter):
    match parameter:
        case Choice(found):
            return found
        case Int(low, high):
            return [low, high]
    return [parameter.value]
