"""One service with studies in it, one Chromium, and a logged-in page for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.e2e.dashboard.served import Served, serving
from tests.e2e.dashboard.trained import SPACE, train
from tests.e2e.dashboard.watched import PATIENCE, Watched

DIGITS = 30
"""Trials of the study that most tests look at."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Open = Callable[..., Watched]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """CAVIAR_TEST_CHROMIUM, else the one on the PATH. Skips where there is none; in CI that is a failure."""
    path = os.environ.get("CAVIAR_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        said = "no Chromium: install the package chromium, or set CAVIAR_TEST_CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`digits` was searched coarse to fine and really trained, `fresh` has no trial, `cluster` runs one on an agent."""
    with serving(tmp_path_factory.mktemp("dashboard")) as service:
        service.submit(
            "digits",
            space=SPACE,
            search={"strategy": "coarse_to_fine", "seed": 7},
            stopping={"rule": "asha", "min_steps": 1, "reduction": 3},
            budget={"trials": 60, "parallel": 8},
            labels={"team": "vision"},
        )
        train(service, "digits", DIGITS)
        service.submit("fresh")
        service.run_on_a_cluster("cluster", "epoch 1\nloss 0.5\nepoch 2\nloss 0.4\n")
        yield service


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Watched]:
    """Logged in, 1440 pixels wide, light."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    watched = log_in(context, served)
    yield watched
    context.close()
    assert watched.complaints == []


def log_in(context: BrowserContext, served: Served, role: str = "admin") -> Watched:
    """By a link that works once."""
    link = served.call("POST", "/login-links", {"role": role})["path"]
    watched = Watched(context.new_page(), served.url)
    watched.page.goto(f"{served.url}{link}")
    watched.page.wait_for_url("**/dashboard/**", timeout=PATIENCE)
    return watched
