"""How a study came on, in a few marks kept with it: what lists draw of it, and what its end is told from."""

from collections.abc import Sequence
from typing import Any, Final

from caviar.domain.states import TrialState, is_terminal
from caviar.storage.rows import StudyRow

Mark = list[Any]
"""[seconds since the epoch, trials ended, best value or None, whether the study was begun or taken up again since the
mark before]."""

MOST: Final = 32
_ENDS: Final = tuple(state.value for state in TrialState if is_terminal(state))


def ended(study: StudyRow) -> int:
    """Trials that will not run again."""
    return sum(getattr(study, state) for state in _ENDS)


def standing(study: StudyRow, now: float, *, begins: bool = False) -> Mark:
    return [now, ended(study), study.best_value, begins]


def marked(marks: Sequence[Mark], now: Mark) -> list[Mark]:
    """With `now` where it is a stride on from the last: strides are such powers of 2 that about `MOST` of them make up
    the study, so that marks lie evenly however long it gets."""
    stride = 1 << ((max(now[1], 1) - 1) // MOST).bit_length()
    if marks and now[1] // stride > marks[-1][1] // stride:
        marks = [*marks, now]
    if len(marks) <= MOST + 1:
        return list(marks)
    thinned: dict[int, Mark] = {}
    for at, count, best, begins in marks:
        before = thinned.get(count // stride)
        thinned[count // stride] = [at, count, best, begins or (before is not None and before[3])]
    return list(thinned.values())
