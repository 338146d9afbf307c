"""The table of trials, and one trial."""

import pytest
from playwright.sync_api import expect
from tests.e2e.dashboard.conftest import DIGITS
from tests.e2e.dashboard.watched import PATIENCE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
ROWS = "section[aria-label='Trials'] tbody tr"


def test_trials_are_filtered_sorted_and_compared_and_the_address_says_how(page: Watched) -> None:
    shown = page.open("studies/digits/trials")
    expect(shown.locator(ROWS)).to_have_count(DIGITS, timeout=PATIENCE)
    shown.get_by_label("Filter expression").fill("state = 'failed'")
    shown.get_by_role("button", name="Filter", exact=True).click()
    expect(shown.locator(ROWS)).to_have_count(1, timeout=PATIENCE)
    shown.get_by_label("Filter expression").fill("params.units > 16")
    shown.get_by_role("button", name="Filter", exact=True).click()
    expect(shown.locator(ROWS).nth(3)).to_be_visible(timeout=PATIENCE)
    shown.get_by_role("button", name="Value").click()
    expect(shown.get_by_role("columnheader", name="Value")).to_have_attribute(
        "aria-sort", "ascending", timeout=PATIENCE
    )
    for index in (0, 1):
        shown.locator(ROWS).nth(index).get_by_role("checkbox").check()
    expect(shown.get_by_role("heading", name="2 trials compared")).to_be_visible(timeout=PATIENCE)
    address = shown.url
    assert all(part in address for part in ("filter=", "order_by=value", "compare="))
    shown.reload()
    expect(shown.get_by_role("heading", name="2 trials compared")).to_be_visible(timeout=PATIENCE)


def test_a_filter_that_is_wrong_is_told_where(page: Watched) -> None:
    shown = page.open("studies/digits/trials")
    shown.get_by_label("Filter expression").fill("valeu < 1")
    shown.get_by_role("button", name="Filter", exact=True).click()
    expect(shown.get_by_role("alert")).to_contain_text("value", timeout=PATIENCE)
    page.expected("422")


def test_pages_follow_each_other(page: Watched) -> None:
    shown = page.open("studies/digits/trials?page_size=25")
    expect(shown.locator(ROWS)).to_have_count(25, timeout=PATIENCE)
    shown.get_by_role("button", name="Next").click()
    expect(shown.locator(ROWS)).to_have_count(DIGITS - 25, timeout=PATIENCE)
    shown.get_by_role("button", name="Previous").click()
    expect(shown.locator(ROWS)).to_have_count(25, timeout=PATIENCE)


def test_columns_come_and_go(page: Watched) -> None:
    shown = page.open("studies/digits/trials")
    shown.get_by_text("Columns").click()
    shown.get_by_role("checkbox", name="node", exact=True).check()
    expect(shown.get_by_role("columnheader", name="Node")).to_be_visible(timeout=PATIENCE)


def test_a_trial_shows_its_parameters_to_copy(page: Watched) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = page.open("studies/digits/trials/1")
    shown.get_by_role("button", name="Copy the parameters as Python").click()
    expect(shown.get_by_text("Copied.")).to_be_visible(timeout=PATIENCE)
    assert shown.evaluate("navigator.clipboard.readText()").startswith("params = {")
    expect(shown.get_by_role("figure", name="Metrics by step").locator("svg.main-svg").first).to_be_visible(
        timeout=PATIENCE
    )


def test_a_log_is_searched(page: Watched) -> None:
    shown = page.open("studies/cluster/trials/0")
    log = shown.locator("pre.log")
    expect(log).to_contain_text("epoch 2", timeout=PATIENCE)
    shown.get_by_label("Search the log").fill("loss")
    expect(log).not_to_contain_text("epoch 2", timeout=PATIENCE)
    expect(log.locator("mark")).to_have_count(2)


def test_a_failed_trial_says_why(page: Watched) -> None:
    expect(page.open("studies/digits/trials/3").locator("main")).to_contain_text(
        "the loss is not finite", timeout=PATIENCE
    )


def test_a_variation_of_a_trial_waits_its_turn(page: Watched) -> None:
    shown = page.open("studies/digits/trials/0")
    shown.get_by_role("button", name="Try a variation").click()
    shown.get_by_role("button", name="Enqueue").click()
    expect(shown.get_by_role("heading", name=f"Trial #{DIGITS}")).to_be_visible(timeout=PATIENCE)


def test_a_cluster_shows_its_nodes_and_how_another_joins(page: Watched) -> None:
    shown = page.open("clusters")
    expect(shown.get_by_text("worker-1").first).to_be_visible(timeout=PATIENCE)
    expect(shown.get_by_text("caviar agent --server")).to_be_visible()
