"""Whether early results tell late ones: the rank correlation of what the same trials had at two rungs."""

from typing import Final

import numpy as np

from caviar.insights.figures.asked import Source
from caviar.insights.figures.form import Figure, axis, empty, figure
from caviar.insights.thinning import spread
from caviar.insights.trial_columns import Floats
from caviar.storage import curves as stored

_RUNGS: Final = 8
_ARRIVALS: Final = 1_000
_FEWEST: Final = 4
_FAIR: Final = 0.5


def rungs(source: Source) -> Figure:
    """A heat map of Spearman's rho; `text` says of how many trials. Those that were stopped never reached the later
    rung, so what is seen is how well the survivors kept their order."""
    study = source.view.study.id
    last = stored.last_rung(source.snapshot, study)
    if last is None:
        none = source.view.spec.stopping.rule == "none"
        return empty("Rungs", "no rule stops trials early: there are no rungs" if none else "no rung was reached yet")
    chosen = spread(last + 1, _RUNGS).tolist()
    reached = [dict(stored.arrivals_at(source.snapshot, study, rung, _ARRIVALS)) for rung in chosen]
    rho, counts = _correlations(reached)
    names = [_name(source, rung) for rung in chosen]
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": np.round(rho, 3),
        "zmin": -1,
        "zmax": 1,
        "colorscale": "RdBu",
        "reversescale": True,
        "text": [[f"{count} trials" for count in row] for row in counts],
        "hovertemplate": "%{x} and %{y}: rho %{z:.2f}, %{text}<extra></extra>",
    }
    layout = {"xaxis": axis("", type="category"), "yaxis": axis("", type="category")}
    return figure([trace], "Rank correlation of rungs", layout, message=_message(rho, names))


def _correlations(reached: list[dict[int, float | None]]) -> tuple[Floats, list[list[int]]]:
    size = len(reached)
    rho, counts = np.full((size, size), np.nan), [[0] * size for _ in range(size)]
    for one in range(size):
        for other in range(size):
            both = [
                (value, reached[other][number]) for number, value in reached[one].items() if number in reached[other]
            ]
            pairs = np.array([pair for pair in both if None not in pair], float).reshape(-1, 2)
            counts[one][other] = len(pairs)
            if len(pairs) >= _FEWEST:
                rho[one, other] = spearman(pairs)
    return rho, counts


def spearman(pairs: Floats) -> float:
    """NaN where one side never varies."""
    from scipy.stats import rankdata  # noqa: PLC0415 - two fifths of what a service's start imports

    first, second = (rankdata(pairs[:, side]) for side in (0, 1))
    spread_ = first.std() * second.std()
    if spread_ == 0:
        return float("nan")
    return float(np.mean((first - first.mean()) * (second - second.mean())) / spread_)


def _name(source: Source, rung: int) -> str:
    stopping = source.view.spec.stopping
    if stopping.rule != "asha":
        return f"rung {rung}"
    return f"step {stopping.min_steps * stopping.reduction**rung:g}"


def _message(rho: Floats, names: list[str]) -> str | None:
    if len(names) < 2 or np.isnan(rho[0, 1]):
        return None
    said = "tells much of" if rho[0, 1] >= _FAIR else "tells little of"
    return f"{names[0]} {said} {names[1]} (rho {rho[0, 1]:.2f}): " + (
        "stopping there is safe" if rho[0, 1] >= _FAIR else "a larger min_steps would stop fewer good trials"
    )
