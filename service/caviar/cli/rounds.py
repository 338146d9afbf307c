"""Rounds as people read them: which bounds moved, from where to where, and why. Values only; `report` prints."""

from collections.abc import Sequence
from dataclasses import dataclass

from caviar.client.models import RoundBound, RoundInfo
from caviar.client.words import value_text


@dataclass(frozen=True, slots=True)
class Move:
    parameter: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class RoundView:
    title: str
    moves: tuple[Move, ...]
    stayed: tuple[str, ...]
    """Parameters whose bounds did not move."""


def round_views(rounds: Sequence[RoundInfo], made: int) -> list[RoundView]:
    """`made` is how many trials the study has."""
    return [_view(rounds, position, made) for position in range(len(rounds))]


def _view(rounds: Sequence[RoundInfo], position: int, made: int) -> RoundView:
    current = rounds[position]
    before = _before(rounds, position)
    title = f"round {current.index}: {_trials(rounds, position, made)}"
    if before is None:
        return RoundView(f"{title}, {_first_reason(current)}", (), ())
    old = {bound.parameter: bound for bound in before.bounds}
    moves = [
        Move(bound.parameter, extent(old[bound.parameter]), extent(bound), why(bound))
        for bound in current.bounds
        if bound.parameter in old and _differs(old[bound.parameter], bound)
    ]
    moved = {move.parameter for move in moves}
    stayed = tuple(bound.parameter for bound in current.bounds if bound.parameter not in moved)
    return RoundView(f"{title}, from {current.finished} results", tuple(moves), stayed)


def _before(rounds: Sequence[RoundInfo], position: int) -> RoundInfo | None:
    """The round that this one was drawn from: the last of its box, else the last of all."""
    earlier = rounds[:position]
    same = [each for each in earlier if each.box == rounds[position].box]
    candidates = same or list(earlier)
    return candidates[-1] if candidates else None


def _trials(rounds: Sequence[RoundInfo], position: int, made: int) -> str:
    first = rounds[position].first_number
    later = [each.first_number for each in rounds[position + 1 :]]
    last = (later[0] if later else made) - 1
    return f"trials #{first} to #{last}" if last > first else f"trial #{first}"


def _first_reason(current: RoundInfo) -> str:
    return current.reason if current.reason and len(current.reason) < 50 else "the whole space"


def _differs(old: RoundBound, new: RoundBound) -> bool:
    if new.weights is not None:
        return old.weights != new.weights
    return (old.unit_low, old.unit_high) != (new.unit_low, new.unit_high)


def extent(bound: RoundBound) -> str:
    """0.001 to 0.1; of a choice, its values with their shares."""
    if bound.weights is not None:
        return ", ".join(f"{name} {share:.0%}" for name, share in bound.weights.items() if share)
    return f"{value_text(bound.low)} to {value_text(bound.high)}"


def why(bound: RoundBound) -> str:
    """The reason without what the other columns say: it begins with "name: old → new; "."""
    said = bound.reason
    if said.startswith(f"{bound.parameter}: "):
        _, _, rest = said.partition("; ")
        return rest or said.partition(": ")[2]
    return said
