"""Draws a nudged trial and its twin as SVG: `python scripts/draw_nudge.py panda 0 1 --output docs/panda.svg`.

The study's metric by step, both curves on one scale, with a line where the nudge took effect. Values above the
99th percentile are cut off at the frame. Asks the service that CAVIAR_URL names, or the one of the data folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from caviar.client import Client
from caviar.domain.document import parse_study

LEFT, TOP, WIDTH, HEIGHT = 70, 30, 720, 260
INK, TOUCHED, TWIN = "#1b1b1b", "#c1121f", "#2a6f97"
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Curves:
    """Steps and values of the nudged trial and of its twin; `at` are the steps after which nudges were in force."""

    metric: str
    touched: Points
    twin: Points
    at: Sequence[float]


def fetch(name: str, number: int, twin: int) -> Curves:
    with Client() as client:
        study = client.study(name)
        metric = parse_study(study.info.spec).metric.name
        curves = [study.trial(each).metrics() for each in (number, twin)]
        points = [list(zip(each["step"], each[metric], strict=True)) for each in curves]
        at = [nudge.step for nudge in study.trial(number).nudges() if nudge.step is not None]
        return Curves(metric, points[0], points[1], at)


def draw(curves: Curves) -> str:
    values = [value for points in (curves.touched, curves.twin) for _, value in points]
    low, high = min(values), float(np.percentile(values, 99))
    last = max(step for step, _ in curves.touched)
    size = f'width="{LEFT + WIDTH + 20}" height="{TOP + HEIGHT + 40}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{INK}"/>',
        *_texts(curves.metric, low, high, last),
    ]
    for step in curves.at:
        x = LEFT + WIDTH * step / last
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + HEIGHT}" stroke="{INK}"/>')
    for points, colour in ((curves.twin, TWIN), (curves.touched, TOUCHED)):
        parts.append(_line(points, colour, (low, high), last))
    return "\n".join([*parts, "</svg>\n"])


def _texts(metric: str, low: float, high: float, last: float) -> Iterator[str]:
    for value, y in ((high, TOP + 12), (low, TOP + HEIGHT)):
        yield f'<text x="{LEFT - 6}" y="{y}" text-anchor="end" fill="{INK}">{value:.3g}</text>'
    yield f'<text x="{LEFT}" y="20" fill="{INK}">{escape(metric)}</text>'
    yield f'<text x="{LEFT + 240}" y="20" fill="{TOUCHED}">nudged</text>'
    yield f'<text x="{LEFT + 320}" y="20" fill="{TWIN}">its twin</text>'
    yield f'<text x="{LEFT + WIDTH}" y="{TOP + HEIGHT + 20}" text-anchor="end" fill="{INK}">step {last:g}</text>'


def _line(points: Points, colour: str, ends: tuple[float, float], last: float) -> str:
    low, high = ends
    places = [
        f"{LEFT + WIDTH * step / last:.1f},{TOP + HEIGHT * (1 - (min(value, high) - low) / (high - low)):.1f}"
        for step, value in points
    ]
    return f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study")
    parser.add_argument("number", type=int)
    parser.add_argument("twin", type=int)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    asked.output.write_text(draw(fetch(asked.study, asked.number, asked.twin)), encoding="utf-8")


if __name__ == "__main__":
    main()
