"""A trial's stdout and stderr, as far as they are kept."""

import re
from dataclasses import dataclass

from caviar.domain.errors import InvalidInput, Problem
from caviar.storage import trials
from caviar.storage.database import Snapshot
from caviar.storage.rows import LogRow, TrialRow

MOST_BYTES = 8 * 2**20
"""Of one answer; a trial's ring holds less."""

Place = tuple[int, int]
"""(attempt, seq) of a piece."""

BEGINNING: Place = (0, 0)
_CURSOR = re.compile(r"(\d{1,9})\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class LogText:
    """`cursor` is where the next piece will stand; `more`: the answer was full before the text was."""

    text: str
    cursor: str
    more: bool


def trial_log(snapshot: Snapshot, trial: TrialRow, *, after: str | None = None, tail: int | None = None) -> LogText:
    """All text, what came after the cursor `after`, or the pieces that hold the last `tail` bytes."""
    place = BEGINNING if after is None else _place(after)
    sizes = [
        (attempt, seq, size) for attempt, seq, size in trials.log_sizes(snapshot, trial.id) if (attempt, seq) > place
    ]
    if tail is not None:
        place = _tail(sizes, tail, place)
        sizes = [piece for piece in sizes if piece[:2] > place]
    count = _fitting(sizes)
    pieces = trials.logs_of(snapshot, trial.id, place, count) if count else []
    last = (pieces[-1].attempt, pieces[-1].seq) if pieces else place
    return LogText("".join(map(_shown, pieces)), f"{last[0]}.{last[1]}", more=count < len(sizes))


def _place(cursor: str) -> Place:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidInput([Problem("/after", "is no cursor of ours: take it from the header Caviar-Log-Cursor")])
    return int(found[1]), int(found[2])


def _tail(sizes: list[tuple[int, int, int]], wanted: int, place: Place) -> Place:
    """The place behind which the last `wanted` bytes stand."""
    for attempt, seq, size in reversed(sizes):
        if wanted <= 0:
            return attempt, seq
        wanted -= size
    return place


def _fitting(sizes: list[tuple[int, int, int]]) -> int:
    total = 0
    for count, (_, _, size) in enumerate(sizes):
        total += size
        if total > MOST_BYTES and count:
            return count
    return len(sizes)


def _shown(piece: LogRow) -> str:
    skipped = f"\n[{piece.skipped:,} bytes were skipped here]\n" if piece.skipped else ""
    return skipped + piece.text
