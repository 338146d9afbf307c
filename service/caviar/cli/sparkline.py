"""A series as one line of small bars."""

from collections.abc import Sequence
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """At most `width` characters, evenly taken, the last value always among them; "" for none. Its lowest bar is the
    series' own least."""
    if not values:
        return ""
    count = min(width, len(values))
    shown = [values[len(values) - 1 - (count - 1 - index) * len(values) // count] for index in range(count)]
    low, high = min(shown), max(shown)
    span = (high - low) or 1.0
    return "".join(BARS[round((value - low) / span * (len(BARS) - 1))] for value in shown)
