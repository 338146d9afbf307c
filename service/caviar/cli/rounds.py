"""Rounds as people read them: which bounds moved, from where to where, and why. Values only; `report` prints."""

from collections.abc import Sequence
from dataclasses import dataclass

from caviar.client.models import RoundBound, RoundInfo
from caviar.client.words import short_text


@dataclass(frozen=True, slots=True)
class Move:
    """`size` tells large moves from small ones: 0 for none, about 1 for a range that all but vanished."""

    parameter: str
    before: str
    after: str
    why: str
    size: float


@dataclass(frozen=True, slots=True)
class RoundView:
    """The largest move comes first; `stayed` are the parameters whose bounds did not move."""

    title: str
    moves: tuple[Move, ...]
    stayed: tuple[str, ...]


def round_views(rounds: Sequence[RoundInfo]) -> list[RoundView]:
    return [_view(rounds, position) for position in range(len(rounds))]


def _view(rounds: Sequence[RoundInfo], position: int) -> RoundView:
    current = rounds[position]
    before = _before(rounds, position)
    old = {bound.parameter: bound for bound in before.bounds} if before else {}
    moves = [_move(old[bound.parameter], bound) for bound in current.bounds if bound.parameter in old]
    moved = sorted((move for move in moves if move.size > 0), key=lambda move: -move.size)
    stayed = tuple(move.parameter for move in moves if move.size == 0)
    lead = current.reason.partition(": ")[0] if moved else current.reason
    title = f"round {current.index}, from trial #{current.first_number}: {lead or 'no reason is known'}"
    return RoundView(title, tuple(moved), stayed)


def _before(rounds: Sequence[RoundInfo], position: int) -> RoundInfo | None:
    """What this round was drawn from: the last round of its box, or of a new box the first of all."""
    current = rounds[position]
    same = [each for each in rounds[:position] if each.box == current.box]
    if same:
        return same[-1]
    return rounds[0] if position else None


def _move(old: RoundBound, new: RoundBound) -> Move:
    return Move(new.parameter, extent(old), extent(new), why(new), _size(old, new))


def _size(old: RoundBound, new: RoundBound) -> float:
    if new.rule == "stay":
        return 0.0
    if new.weights is not None:
        before = old.weights or {}
        return sum(abs(share - before.get(name, 0.0)) for name, share in new.weights.items()) / 2
    widths = old.unit_high - old.unit_low, new.unit_high - new.unit_low
    shift = abs(new.unit_high + new.unit_low - old.unit_high - old.unit_low) / 2
    return (1.0 - min(widths) / max(widths) if max(widths) > 0 else 0.0) + shift


def extent(bound: RoundBound) -> str:
    """0.001..0.1; of a choice, its values with their shares."""
    if bound.weights is not None:
        return " ".join(f"{name} {share:.0%}" for name, share in bound.weights.items() if share)
    return f"{short_text(bound.low)}..{short_text(bound.high)}"


def why(bound: RoundBound) -> str:
    """The reason without what the other columns say: it begins with "name: old → new; "."""
    said = bound.reason
    if said.startswith(f"{bound.parameter}: "):
        _, _, rest = said.partition("; ")
        return rest or said.partition(": ")[2]
    return said
