"""A browser's page that nothing may go wrong in: no error in the console, nothing from another origin."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATIENCE = 60_000
"""Milliseconds until something must be there, on a machine that does much else."""
SERIOUS = ("serious", "critical")
PLOTLYS_OWN = '<rect> attribute height: Expected length, "NaN"'
"""Said now and then by plotly.js on a busy machine while marks change; nothing is to be seen of it."""


class Watched:
    """`complaints` must be empty at the end; a refusal that a test provokes is none once it is `expected`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self._heard: list[str] = []
        self._expected: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._heard.append(f"error: {error}"))
        page.on("request", self._request)
        page.on("dialog", self._dialog)

    def open(self, path: str) -> Page:
        """A page of the dashboard, loaded, such as `studies/digits`."""
        self.page.goto(f"{self.url}/dashboard/#/{path}")
        expect(self.page.locator("main [data-loaded]").first).to_be_visible(timeout=PATIENCE)
        return self.page

    def expected(self, part: str) -> None:
        """What has this in it is no complaint, whenever the browser comes to say it."""
        self._expected.append(part)

    @property
    def complaints(self) -> list[str]:
        return [each for each in self._heard if not any(part in each for part in self._expected)]

    def barriers(self) -> list[str]:
        """What keeps people out, as axe sees it: serious and critical findings."""
        found = Axe().run(self.page).response["violations"]
        return [_told(each) for each in found if each["impact"] in SERIOUS]

    def _console(self, message: Any) -> None:
        if message.type == "error" and PLOTLYS_OWN not in message.text:
            self._heard.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self._heard.append(f"asked elsewhere: {request.url}")

    def _dialog(self, dialog: Any) -> None:
        self._heard.append(f"a script ran: {dialog.message}")
        dialog.dismiss()


def _told(violation: Any) -> str:
    where = "; ".join(str(node["target"]) for node in violation["nodes"][:5])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {where}"
