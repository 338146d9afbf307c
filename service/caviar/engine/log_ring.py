"""A trial keeps the newest 5 MB of what it printed."""

from caviar.storage import trials
from caviar.storage.database import Transaction
from caviar.storage.rows import LogRow

KEPT_BYTES = 5_000_000
LOOK_EVERY = 32
"""Sizes are summed at every so many pieces (of at most 64 KiB): in between the ring may hold 2 MB more."""


def trim(tx: Transaction, new: list[LogRow]) -> None:
    """Drops the oldest pieces of the trials whose `new` pieces make it worth a look."""
    for trial_id in {piece.trial_id for piece in new if piece.seq % LOOK_EVERY == 0}:
        last = last_to_drop(trials.log_sizes(tx, trial_id))
        if last is not None:
            trials.drop_logs_up_to(tx, trial_id, *last)


def last_to_drop(pieces: list[tuple[int, int, int]], kept: int = KEPT_BYTES) -> tuple[int, int] | None:
    """(attempt, seq) of the newest piece that is out of the ring; `pieces` are (attempt, seq, size), oldest first."""
    total = 0
    for attempt, seq, size in reversed(pieces):
        total += size
        if total > kept:
            return attempt, seq
    return None
