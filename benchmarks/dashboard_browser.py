"""How quick the dashboard is in a browser, beside a large study: `python -m benchmarks.dashboard_browser [--trials N]`.

A service on SQLite with a study of so many finished trials over ten parameters, and Chromium on the same machine. What
is timed is what a person waits for: from opening the study's page to its key figures and its history, and from a click
on each part to its picture; and how long the canvas takes to draw parallel coordinates of 20,000 lines.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import struct
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright
from tests.e2e.dashboard.served import Served, serving

PARAMETERS = 10
NAME = "large"
PATIENCE = 120_000
WAITS: tuple[tuple[str, str, str], ...] = (
    ("Explore", "parallel coordinates", ".parallel canvas[data-lines]"),
    ("Explore", "contour", "[aria-label=Contour] svg.main-svg"),
    ("Curves", "learning curves", "[aria-label='Learning curves'] svg.main-svg"),
    ("Trials", "table of trials", "section[aria-label=Trials] tbody tr"),
    ("Workers", "workers over time", ".timeline canvas"),
)


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--trials", type=int, default=100_000)
    given.add_argument("--repeats", type=int, default=3)
    given.add_argument("--chromium", default=shutil.which("chromium"))
    told = given.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as service:
        fill(service, Path(folder) / "caviar.db", told.trials)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=told.chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(service.url + service.call("POST", "/login-links")["path"])
            page.wait_for_url("**/dashboard/**")
            for name, values in measured(page, service.url, told.repeats).items():
                shown = ", ".join(f"{value:,.0f}" for value in values)
                sys.stdout.write(f"{name:<44} {np.median(values):>8,.0f} ms   ({shown})\n")
            browser.close()
    return 0


def measured(page: Page, url: str, repeats: int) -> dict[str, list[float]]:
    """Milliseconds by what was waited for. The first of each includes what a browser fetches once."""
    found: dict[str, list[float]] = {}
    for _ in range(repeats):
        page.goto(f"{url}/dashboard/#/studies")
        page.locator("tbody tr").first.wait_for(timeout=PATIENCE)
        page.goto("about:blank")
        began = time.perf_counter()
        page.goto(f"{url}/dashboard/#/studies/{NAME}")
        page.locator(".figures .figure").first.wait_for(timeout=PATIENCE)
        found.setdefault("study page: key figures", []).append(since(began))
        page.locator("[aria-label^=History] svg.main-svg").first.wait_for(timeout=PATIENCE)
        found.setdefault("study page: history drawn", []).append(since(began))
        for tab, name, selector in WAITS:
            found.setdefault(f"click on {tab}: {name}", []).append(clicked(page, tab, selector))
            if name == "parallel coordinates":
                drawn = page.locator(selector).get_attribute("data-milliseconds")
                lines = page.locator(selector).get_attribute("data-lines")
                found.setdefault(f"canvas: {lines} lines drawn", []).append(float(drawn or "nan"))
    return found


def clicked(page: Page, tab: str, selector: str) -> float:
    page.get_by_role("link", name="Overview").click()
    page.locator(".figures").wait_for(timeout=PATIENCE)
    began = time.perf_counter()
    page.get_by_role("navigation", name="Parts of the study").get_by_role("link", name=tab).click()
    page.locator(selector).first.wait_for(timeout=PATIENCE)
    return since(began)


def since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def fill(service: Served, path: Path, count: int) -> None:
    """One real trial is the pattern; the others are written beside it, as if they had been run."""
    space = {f"p{index}": {"type": "float", "low": 0.0, "high": 1.0} for index in range(PARAMETERS)}
    study = service.submit(NAME, space=space, budget={"trials": count + 1})
    service.work(NAME, 1)
    service.call("POST", f"/studies/{NAME}/pause")
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        pattern = dict(database.execute("SELECT * FROM trials WHERE study_id = ?", [study["id"]]).fetchone())
        columns = ", ".join(f'"{name}"' for name in pattern)
        marks = ", ".join("?" * len(pattern))
        database.executemany(f"INSERT INTO trials ({columns}) VALUES ({marks})", rows(pattern, count))
        best = database.execute("SELECT number, min(value) FROM trials").fetchone()
        database.execute(
            "UPDATE studies SET completed = ?, next_number = ?, revision = 9, best_number = ?, best_value = ?",
            [count + 1, count + 1, best[0], best[1]],
        )
    database.close()


def rows(pattern: dict[str, Any], count: int) -> Iterator[list[Any]]:
    draws = np.random.default_rng(7).random((count, PARAMETERS))
    values = np.square(draws - 0.4).sum(axis=1)
    change: Callable[[int], dict[str, Any]] = lambda row: {  # noqa: E731 - one place, one use
        "id": str(uuid.UUID(int=(0x7 << 76) | (0x8 << 60) | row, version=None)),
        "number": row + 1,
        "params": json.dumps({f"p{index}": float(draws[row, index]) for index in range(PARAMETERS)}),
        "unit": struct.pack(f"={PARAMETERS}d", *draws[row]),
        "value": float(values[row]),
        "started_at": pattern["started_at"] + row,
        "finished_at": pattern["started_at"] + row + 1.0,
        "node": f"node-{row % 8}",
    }
    for row in range(count):
        yield list({**pattern, **change(row)}.values())


if __name__ == "__main__":
    sys.exit(main())
