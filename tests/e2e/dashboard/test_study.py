"""A study's pictures: why a bound moved, what is marked, and that it is live."""

import re

import pytest
from playwright.sync_api import expect
from tests.e2e.dashboard.conftest import DIGITS
from tests.e2e.dashboard.served import Served
from tests.e2e.dashboard.watched import PATIENCE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


def test_a_band_says_why_its_bound_moved_by_keyboard_too(page: Watched) -> None:
    shown = page.open("studies/digits")
    bands = shown.get_by_role("group", name="learning_rate, round by round").get_by_role("button")
    expect(bands.nth(1)).to_be_attached(timeout=PATIENCE)
    bands.last.focus()
    shown.keyboard.press("Enter")
    why = shown.locator(".why")
    expect(why).to_contain_text("learning_rate", timeout=PATIENCE)
    expect(shown).to_have_url(re.compile(r"bound=\d+%3Alearning_rate"))
    before = why.inner_text()
    shown.get_by_role("group", name="learning_rate, round by round").locator("[aria-pressed=true]").focus()
    shown.keyboard.press("ArrowLeft")
    shown.keyboard.press("Enter")
    expect(why).not_to_have_text(before, timeout=PATIENCE)


def test_the_history_is_drawn_and_importance_or_why_not(page: Watched) -> None:
    shown = page.open("studies/digits")
    expect(shown.get_by_role("figure", name="History").locator("svg.main-svg").first).to_be_visible(timeout=PATIENCE)
    expect(shown.get_by_role("region", name="Best trials").locator("tbody tr").first).to_be_visible(timeout=PATIENCE)


def test_trials_marked_on_an_axis_are_listed_and_stay_in_the_address(page: Watched) -> None:
    shown = page.open("studies/digits/explore")
    board = shown.locator(".parallel canvas[data-lines]")
    expect(board).to_be_visible(timeout=PATIENCE)
    box = board.bounding_box()
    assert box is not None
    x = box["x"] + 46
    shown.mouse.move(x, box["y"] + 100)
    shown.mouse.down()
    shown.mouse.move(x, box["y"] + 200, steps=4)
    shown.mouse.up()
    expect(shown).to_have_url(re.compile("brush=learning_rate"), timeout=PATIENCE)
    listed = shown.locator("section[aria-label='Marked trials'] tbody tr")
    expect(listed.first).to_be_visible(timeout=PATIENCE)
    count = listed.count()
    shown.reload()
    expect(shown.locator("section[aria-label='Marked trials'] tbody tr")).to_have_count(count, timeout=PATIENCE)
    shown.get_by_role("button", name="Clear the marks").click()
    expect(shown.get_by_text("Mark trials in any picture")).to_be_visible(timeout=PATIENCE)


def test_an_axis_takes_numbers_and_another_scale(page: Watched) -> None:
    shown = page.open("studies/digits/explore")
    shown.locator(".axis-heads").get_by_role("button", name="learning_rate").click()
    form = shown.get_by_role("dialog", name="learning_rate")
    form.get_by_label("From").fill("0.001")
    form.get_by_label("To").fill("0.1")
    form.get_by_label("Scale").select_option("linear")
    form.get_by_role("button", name="Mark").click()
    expect(shown).to_have_url(re.compile("scales=learning_rate%3Alinear"), timeout=PATIENCE)
    expect(shown.locator("section[aria-label='Marked trials'] tbody tr").first).to_be_visible(timeout=PATIENCE)


def test_pictures_are_narrowed_to_states(page: Watched) -> None:
    shown = page.open("studies/digits/explore")
    lines = shown.locator(".parallel canvas[data-lines]")
    expect(lines).to_be_visible(timeout=PATIENCE)
    every = lines.get_attribute("data-lines")
    shown.get_by_role("group", name="States shown").get_by_role("button", name="completed").click()
    expect(lines).not_to_have_attribute("data-lines", str(every), timeout=PATIENCE)


def test_what_happens_appears_by_itself(page: Watched, served: Served) -> None:
    served.submit("lively")
    shown = page.open("studies/lively")
    expect(shown.get_by_text("0 of 20")).to_be_visible(timeout=PATIENCE)
    served.work("lively", 2)
    expect(shown.get_by_text("2 of 20")).to_be_visible(timeout=PATIENCE)


def test_workers_are_seen_over_time(page: Watched) -> None:
    shown = page.open("studies/digits/workers")
    expect(shown.get_by_role("img", name=re.compile(f"Timeline of {DIGITS} attempts"))).to_be_visible(timeout=PATIENCE)


def test_a_span_of_time_marks_its_trials_in_every_picture(page: Watched) -> None:
    shown = page.open("studies/digits/workers")
    board = shown.get_by_role("img", name=re.compile("Timeline of"))
    expect(board).to_be_visible(timeout=PATIENCE)
    box = board.bounding_box()
    assert box is not None
    shown.mouse.move(box["x"] + 140, box["y"] + 12)
    shown.mouse.down()
    shown.mouse.move(box["x"] + 300, box["y"] + 12, steps=4)
    shown.mouse.up()
    listed = shown.locator("section[aria-label='Marked trials'] tbody tr")
    expect(listed.first).to_be_visible(timeout=PATIENCE)
    count = listed.count()
    shown.get_by_role("navigation", name="Parts of the study").get_by_role("link", name="Explore").click()
    expect(shown.locator(".parallel canvas[data-lines]")).to_be_visible(timeout=PATIENCE)
    expect(listed).to_have_count(count, timeout=PATIENCE)


def test_a_study_without_trials_says_what_to_do_next(page: Watched) -> None:
    expect(page.open("studies/fresh").get_by_text("/studies/fresh/ask")).to_be_visible(timeout=PATIENCE)
