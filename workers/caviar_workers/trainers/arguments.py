"""Reading a built-in trainer's hyperparameters and options, with every mistake told at once."""

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


class TrainerError(ValueError):
    """The study asks the trainer for something it can't do; the message is for the one who wrote the study."""


class Arguments:
    """Named values, each asked for once. `finish` raises for what was wrong or never asked for.

    A value that is wrong is answered by its default (or the lower limit), so that reading goes on to the next mistake.
    """

    def __init__(self, values: Mapping[str, Any], of: str) -> None:
        """`of` says whose they are, as the subject of a message: "trainer mlp, options"."""
        self._values = values
        self._of = of
        self._accepted: list[str] = []
        self._problems: list[str] = []

    def number(self, name: str, default: float, *, low: float, high: float, open_low: bool = False) -> float:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return self._refuse(name, f"must be a number, not {value!r}", default)
        if not low <= value <= high or (open_low and value == low):
            bounds = f"above {low:.12g} and at most {high:.12g}" if open_low else f"from {low:.12g} to {high:.12g}"
            return self._refuse(name, f"must be {bounds}, not {value!r}", default)
        return float(value)

    def whole(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self._get(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            return self._refuse(name, f"must be a whole number from {low} to {high}, not {value!r}", default)
        return value

    def text(self, name: str, default: str, among: Iterable[str] = ()) -> str:
        value, names = self._get(name, default), list(among)
        if not isinstance(value, str) or (names and value not in names):
            wanted = f"one of {', '.join(names)}" if names else "a text"
            return self._refuse(name, f"must be {wanted}, not {value!r}", default)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._get(name, default)
        return (
            value if isinstance(value, bool) else self._refuse(name, f"must be true or false, not {value!r}", default)
        )

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._get(name, {})
        if not isinstance(value, Mapping):
            return self._refuse(name, f"must be a mapping, not {value!r}", {})
        return dict(value)

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def finish(self) -> None:
        problems = self._problems + [self._unknown(name) for name in self._values if name not in self._accepted]
        if problems:
            raise TrainerError(f"{self._of}: {'; '.join(problems)}")

    def _get(self, name: str, default: object) -> Any:
        self._accepted.append(name)
        value = self._values.get(name)
        return default if value is None else value

    def _refuse(self, name: str, why: str, instead: T) -> T:
        self._problems.append(f"{name} {why}")
        return instead

    def _unknown(self, name: str) -> str:
        return unknown(name, self._accepted)


def unknown(name: str, accepted: Iterable[str]) -> str:
    """A sentence about a name that isn't among `accepted`, which it lists."""
    names = sorted(accepted)
    close = get_close_matches(str(name), names, n=1)
    guess = f" (did you mean {close[0]}?)" if close else ""
    return f"{name} is not known{guess}; accepted are {', '.join(names)}"
