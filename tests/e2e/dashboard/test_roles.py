"""Each role is offered what it may do, and nothing else."""

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.dashboard.conftest import log_in
from tests.e2e.dashboard.served import Served
from tests.e2e.dashboard.watched import PATIENCE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

ACTIONS = re.compile("Pause|Resume|Extend|Stop|More|Delete|Nudge|variation|New token|Revoke")


def test_a_viewer_sees_everything_and_is_offered_no_action(chromium: Browser, served: Served) -> None:
    context = chromium.new_context()
    page = log_in(context, served, "viewer")
    for path in ("studies", "studies/digits", "studies/digits/trials/0", "studies/cluster/trials/0", "settings"):
        shown = page.open(path)
        expect(shown.locator("main .panel:visible").first).to_be_visible(timeout=PATIENCE)
        expect(shown.get_by_role("link", name="New study")).to_have_count(0, timeout=PATIENCE)
        assert shown.get_by_role("button", name=ACTIONS).all_inner_texts() == []
        assert shown.get_by_role("link", name="Clone").count() == 0
    expect(page.page.get_by_text("(viewer)")).to_be_visible(timeout=PATIENCE)
    context.close()
    assert page.complaints == []


def test_a_submitter_steers_studies_and_sees_no_tokens(chromium: Browser, served: Served) -> None:
    context = chromium.new_context()
    page = log_in(context, served, "submitter")
    shown = page.open("studies/digits")
    expect(shown.get_by_role("button", name="Pause", exact=True)).to_be_visible(timeout=PATIENCE)
    shown = page.open("settings")
    expect(shown.get_by_text("(submitter)")).to_be_visible(timeout=PATIENCE)
    expect(shown.get_by_role("button", name="New token")).to_be_hidden()
    context.close()
    assert page.complaints == []


def test_the_menu_of_actions_closes_by_keyboard_and_gives_the_focus_back(page: Watched) -> None:
    shown = page.open("studies/digits")
    more = shown.locator("summary", has_text="More")
    more.focus()
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("button", name="Delete…")).to_be_visible(timeout=PATIENCE)
    shown.keyboard.press("Tab")
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("button", name="Delete…")).to_be_hidden(timeout=PATIENCE)
    expect(more).to_be_focused()
