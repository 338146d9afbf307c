"""The pictures there are, by name."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from caviar.insights.figures.asked import Asked, Source
from caviar.insights.figures.curves import curves
from caviar.insights.figures.form import Figure
from caviar.insights.figures.history import history
from caviar.insights.figures.importance import importance
from caviar.insights.figures.parallel import parallel
from caviar.insights.figures.rounds import rounds
from caviar.insights.figures.rungs import rungs
from caviar.insights.figures.slices import contour, slices
from caviar.insights.figures.timeline import timeline
from caviar.insights.views import View
from caviar.storage.database import Snapshot

Kind = Literal["history", "rounds", "slice", "contour", "parallel", "importance", "curves", "rungs", "timeline"]
KINDS: Final[Mapping[Kind, Callable[[Source], Figure]]] = {
    "history": history,
    "rounds": rounds,
    "slice": slices,
    "contour": contour,
    "parallel": parallel,
    "importance": importance,
    "curves": curves,
    "rungs": rungs,
    "timeline": timeline,
}


def draw(kind: Kind, snapshot: Snapshot, view: View, asked: Asked) -> Figure:
    """Raises InvalidInput for parameters that there are not."""
    figure = KINDS[kind](Source(snapshot, view, asked))
    return {"kind": kind, "revision": view.revision, **figure}
