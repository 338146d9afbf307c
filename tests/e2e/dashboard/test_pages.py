"""Every page opens, says nothing in the console, asks nobody else, and keeps nobody out."""

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.dashboard.conftest import log_in
from tests.e2e.dashboard.served import Served
from tests.e2e.dashboard.watched import PATIENCE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

PAGES = {
    "studies": "Studies",
    "studies/digits": "digits",
    "studies/digits/explore": "digits",
    "studies/digits/curves": "digits",
    "studies/digits/trials?compare=0,1": "digits",
    "studies/digits/workers": "digits",
    "studies/digits/document": "digits",
    "studies/digits/trials/0": "Trial #0",
    "studies/fresh": "fresh",
    "studies/fresh/explore": "fresh",
    "clusters": "Clusters",
    "new": "New study",
    "settings": "Settings",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_and_keeps_nobody_out(page: Watched, path: str) -> None:
    shown = page.open(path)
    expect(shown.get_by_role("heading", level=1, name=PAGES[path], exact=True)).to_be_visible(timeout=PATIENCE)
    expect(shown.locator("main .panel").first).to_be_visible(timeout=PATIENCE)
    assert page.barriers() == []


def test_every_page_fits_a_telephone_and_is_as_legible_in_the_dark(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = log_in(context, served)
    found = {}
    for path in PAGES:
        shown = page.open(path)
        expect(shown.locator("main .panel:visible").first).to_be_visible(timeout=PATIENCE)
        too_wide = shown.evaluate("document.documentElement.scrollWidth") > 390
        found[path] = [*page.barriers(), *(["sticks out"] if too_wide else [])]
    context.close()
    assert {path: what for path, what in found.items() if what} == {}
    assert page.complaints == []


def test_the_colours_stay_as_chosen(page: Watched) -> None:
    shown = page.open("studies")
    shown.get_by_role("button", name="Dark colours").click()
    shown.reload()
    expect(shown.get_by_role("button", name="Light colours")).to_be_visible(timeout=PATIENCE)


def test_an_address_without_a_page_says_so(page: Watched) -> None:
    expect(page.open("nowhere").get_by_text("There is no such page.")).to_be_visible(timeout=PATIENCE)


def test_a_study_that_there_is_not_says_so(page: Watched) -> None:
    page.page.goto(f"{page.url}/dashboard/#/studies/gone")
    expect(page.page.get_by_role("alert")).to_contain_text("There is no such study", timeout=PATIENCE)
    page.expected("404")


def test_studies_are_found_by_name_label_and_state(page: Watched) -> None:
    shown = page.open("studies")
    rows = shown.locator("main tbody tr")
    digits = rows.filter(has=shown.get_by_role("link", name="digits", exact=True))
    fresh = rows.filter(has=shown.get_by_role("link", name="fresh", exact=True))
    expect(fresh).to_be_visible(timeout=PATIENCE)
    shown.get_by_role("searchbox").fill("team:vision")
    expect(rows.filter(has_not_text="vision")).to_have_count(0, timeout=PATIENCE)
    expect(digits).to_be_visible(timeout=PATIENCE)
    shown.reload()
    expect(rows.filter(has_not_text="vision")).to_have_count(0, timeout=PATIENCE)
    expect(digits).to_be_visible(timeout=PATIENCE)
    expect(fresh).to_have_count(0, timeout=PATIENCE)
    shown.get_by_role("searchbox").fill("")
    shown.get_by_role("button", name="queued").click()
    expect(fresh).to_be_visible(timeout=PATIENCE)
    expect(digits).to_have_count(0, timeout=PATIENCE)
