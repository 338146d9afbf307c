"""`caviar logs`: what a trial printed, and what it goes on to print."""

import sys
import time

from caviar.client.trial import Trial

PACE = 1.0
"""Seconds between looks at a running trial."""
ENDED = frozenset({"completed", "stopped", "failed", "infeasible", "cancelled"})


def print_logs(trial: Trial, *, follow: bool) -> None:
    cursor = _print_new(trial, None)
    while follow and trial.refresh().state not in ENDED:
        time.sleep(PACE)
        cursor = _print_new(trial, cursor)
    if follow:
        _print_new(trial, cursor)


def _print_new(trial: Trial, cursor: str | None) -> str | None:
    while True:
        piece = trial.log_piece(cursor)
        sys.stdout.write(piece.text)
        sys.stdout.flush()
        if not piece.text or piece.cursor == cursor:
            return piece.cursor
        cursor = piece.cursor
