"""Draws a study's rounds as SVG: `python scripts/draw_rounds.py digits --output docs/rounds.svg`.

One panel per parameter, on its own scale: every trial as a dot (the better, the darker), every round's range as a band
from the round's first trial to the next round of the same box, a colour for each box. Below them the values, with the
best so far as a line. Asks the service that CAVIAR_URL names, or the one that runs on the data folder.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from caviar.client import Client
from caviar.domain.document import parse_study
from caviar.domain.space import Space

LEFT, WIDTH, PANEL, GAP, TOP = 110, 720, 120, 26, 34
LINE, INK, FAINT = "#c1121f", "#1b1b1b", "#8a8a8a"
BOXES = ("#2a6f97", "#d97706", "#2e7d32", "#7b2cbf")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished study. `units`: its trials' places in the unit cube, NaN where a parameter is inactive."""

    space: Space
    metric: str
    rounds: Sequence[Any]
    numbers: list[int]
    units: list[list[float]]
    values: list[float]
    minimizes: bool

    def x(self, number: float) -> float:
        return LEFT + WIDTH * number / max(1, self.numbers[-1])

    def darkness(self) -> list[float]:
        """0 for the worst to 1 for the best, by rank."""
        order = sorted(range(len(self.values)), key=lambda at: self.values[at], reverse=self.minimizes)
        rank = {at: place / max(1, len(order) - 1) for place, at in enumerate(order)}
        return [rank[at] for at in range(len(self.values))]


def fetch(name: str) -> Run:
    with Client() as client:
        study = client.study(name)
        spec = parse_study(study.info.spec)
        done = [trial.info for trial in study.trials() if trial.info.value is not None]
        return Run(
            space=spec.space,
            metric=spec.metric.name,
            rounds=study.rounds(),
            numbers=[trial.number for trial in done],
            units=[_units(spec.space, trial.params) for trial in done],
            values=[float(trial.value) for trial in done if trial.value is not None],
            minimizes=spec.minimizes,
        )


def _units(space: Space, params: Mapping[str, Any]) -> list[float]:
    unit = space.encode(params)
    return [float(unit[at]) if name in params else math.nan for at, name in enumerate(space.columns)]


def draw(run: Run, parameters: Sequence[str]) -> str:
    height = TOP + (PANEL + GAP) * (len(parameters) + 1)
    size = f'width="{LEFT + WIDTH + 20}" height="{height}" viewBox="0 0 {LEFT + WIDTH + 20} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *_round_names(run, height),
    ]
    for index, name in enumerate(parameters):
        parts += _parameter(run, name, TOP + index * (PANEL + GAP))
    parts += _values(run, TOP + len(parameters) * (PANEL + GAP))
    return "\n".join([*parts, "</svg>\n"])


def _spans(run: Run) -> Iterator[tuple[Any, float, float]]:
    """Each round of a box with where it begins and ends, in trial numbers; the whole space is no box."""
    for at, each in enumerate(run.rounds):
        later = [other.first_number for other in run.rounds[at + 1 :] if other.box == each.box]
        end = later[0] if later else run.numbers[-1]
        if each.box and each.rule != "close" and end > each.first_number:
            yield each, each.first_number, end


def _round_names(run: Run, height: int) -> Iterator[str]:
    yield f'<text x="{LEFT - 8}" y="24" text-anchor="end" fill="{INK}">round</text>'
    yield f'<text x="{run.x(0):.1f}" y="24" fill="{INK}">{run.rounds[0].index}</text>'
    for each, begin, _ in _spans(run):
        x = f"{run.x(begin):.1f}"
        y = 24 - 13 * ((each.box - 1) % 2)
        yield f'<text x="{x}" y="{y}" fill="{_colour(each)}" font-weight="bold">{each.index}</text>'
        yield f'<line x1="{x}" x2="{x}" y1="28" y2="{height - GAP}" stroke="{_colour(each)}" stroke-dasharray="1 5"/>'


def _colour(each: Any) -> str:
    return BOXES[(each.box - 1) % len(BOXES)]


def _parameter(run: Run, name: str, top: float) -> Iterator[str]:
    column = run.space.columns.index(name)
    yield from _frame(name, top, _ends(run.space, column))
    for each, begin, end in _spans(run):
        for bound in each.bounds:
            if bound.parameter == name and bound.weights is None:
                low, high = top + PANEL * (1 - bound.unit_low), top + PANEL * (1 - bound.unit_high)
                place = f'x="{run.x(begin):.1f}" y="{high:.1f}" width="{run.x(end) - run.x(begin):.1f}"'
                yield f'<rect {place} height="{max(low - high, 1):.1f}" fill="{_colour(each)}" fill-opacity="0.2"/>'
    for number, unit, dark in zip(run.numbers, run.units, run.darkness(), strict=True):
        if not math.isnan(unit[column]):
            yield _dot(run.x(number), top + PANEL * (1 - unit[column]), dark)


def _ends(space: Space, column: int) -> tuple[str, str]:
    """The parameter's values at the ends of its scale."""
    parameter: Any = space.parameters[space.columns[column]]
    return f"{parameter.low:g}", f"{parameter.high:g}"


def _values(run: Run, top: float) -> Iterator[str]:
    low, high = min(run.values), max(run.values)
    logarithmic = low > 0 and high / low > 30
    scale = math.log if logarithmic else float
    span = scale(high) - scale(low) or 1.0
    heights = [top + PANEL * (1 - (scale(value) - scale(low)) / span) for value in run.values]
    yield from _frame(run.metric, top, (f"{low:.3g}", f"{high:.3g}"))
    for number, y, dark in zip(run.numbers, heights, run.darkness(), strict=True):
        yield _dot(run.x(number), y, dark)
    better = max if run.minimizes else min
    best, path = heights[0], []
    for number, y in zip(run.numbers, heights, strict=True):
        path.append(f"{run.x(number):.1f},{best:.1f}")
        best = better(best, y)
        path.append(f"{run.x(number):.1f},{best:.1f}")
    yield f'<polyline points="{" ".join(path)}" fill="none" stroke="{LINE}" stroke-width="1.5"/>'
    yield f'<text x="{LEFT + WIDTH}" y="{top + PANEL + 18}" text-anchor="end" fill="{INK}">trial number</text>'


def _frame(name: str, top: float, ends: tuple[str, str]) -> Iterator[str]:
    yield f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{PANEL}" fill="none" stroke="{FAINT}"/>'
    for y, text, colour in ((top + PANEL, ends[0], FAINT), (top + 10, ends[1], FAINT), (top + PANEL / 2, name, INK)):
        yield f'<text x="{LEFT - 8}" y="{y}" text-anchor="end" fill="{colour}">{escape(text)}</text>'


def _dot(x: float, y: float, dark: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{INK}" fill-opacity="{0.12 + 0.88 * dark**2:.2f}"/>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", help="its name or id")
    parser.add_argument("--parameters", nargs="*", help="which to draw (default: the first three with a range)")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    run = fetch(arguments.study)
    ranged = [name for name in run.space.columns if hasattr(run.space.parameters[name], "low")]
    arguments.output.write_text(draw(run, arguments.parameters or ranged[:3]), encoding="utf-8")


if __name__ == "__main__":
    main()
