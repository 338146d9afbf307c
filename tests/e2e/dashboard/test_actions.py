"""What a person can do, and that what costs asks first."""

import json
import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.dashboard.served import Served
from tests.e2e.dashboard.watched import PATIENCE, Watched

WRITTEN = """\
name: written  # as it stands in a file
metric: {name: loss, goal: minimize}
train: {external: true}
space:
  rate: {type: float, low: 1e-4, high: 1, scale: log}
  kind: {type: choice, values: [a, "no", 2]}
"""

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


def badge(shown: Page, state: str) -> None:
    expect(shown.locator(".head .badge", has_text=state)).to_be_visible(timeout=PATIENCE)


def test_a_study_is_paused_resumed_extended_stopped_and_deleted(page: Watched, served: Served) -> None:
    served.submit("steered")
    served.work("steered", 2)
    shown = page.open("studies/steered")
    shown.get_by_role("button", name="Pause", exact=True).click()
    badge(shown, "paused")
    shown.get_by_role("button", name="Resume").click()
    badge(shown, "running")
    shown.get_by_role("button", name="Extend…").click()
    shown.get_by_label("Trials in all").fill("30")
    shown.get_by_role("dialog").get_by_role("button", name="Extend").click()
    expect(shown.get_by_text("2 of 30")).to_be_visible(timeout=PATIENCE)
    shown.get_by_role("button", name="Stop…").click()
    shown.get_by_role("button", name="Cancel").click()
    badge(shown, "running")
    shown.get_by_role("button", name="Stop…").click()
    shown.get_by_role("button", name="Stop the study").click()
    badge(shown, "cancelled")
    shown.locator("summary", has_text="More").click()
    shown.get_by_role("button", name="Delete…").click()
    shown.get_by_role("button", name="Delete the study").click()
    expect(shown.get_by_role("heading", level=1, name="Studies")).to_be_visible(timeout=PATIENCE)
    expect(shown.locator("tbody tr", has_text="steered")).to_have_count(0, timeout=PATIENCE)
    shown.get_by_role("button", name="Undo").click()
    badge(shown, "cancelled")


def test_a_study_that_cannot_be_extended_so_says_why_in_its_dialog(page: Watched, served: Served) -> None:
    served.submit("narrow")
    shown = page.open("studies/narrow")
    shown.get_by_role("button", name="Extend…").click()
    shown.get_by_label("Trials in all").fill("0")
    shown.get_by_label("Trials in all").evaluate("each => each.removeAttribute('min')")
    shown.get_by_role("dialog").get_by_role("button", name="Extend").click()
    expect(shown.get_by_role("dialog").get_by_role("alert")).to_contain_text("/trials", timeout=PATIENCE)
    page.expected("422")


def test_a_new_study_is_checked_while_it_is_written_and_created(page: Watched) -> None:
    shown = page.open("new")
    expect(shown.get_by_role("img", name="Histogram of learning_rate")).to_be_visible(timeout=PATIENCE)
    shown.get_by_label("Scale of learning_rate").select_option("linear")
    expect(shown.get_by_text("use scale: log")).to_be_visible(timeout=PATIENCE)
    shown.get_by_label("low of batch_size").fill("300")
    expect(shown.get_by_role("alert")).to_contain_text("/space/batch_size", timeout=PATIENCE)
    expect(shown.get_by_role("button", name="Create the study")).to_be_disabled()
    page.expected("422")
    shown.get_by_label("low of batch_size").fill("32")
    expect(shown.get_by_role("button", name="Create the study")).to_be_enabled(timeout=PATIENCE)
    editor = shown.get_by_label("The study's document")
    assert "batch_size: {type: int, low: 32, high: 256, scale: log}" in editor.input_value()
    shown.get_by_label("Format of the document").select_option("JSON")
    expect(editor).to_have_value(re.compile('"low": 32'), timeout=PATIENCE)
    document = json.loads(editor.input_value())
    editor.fill(json.dumps({**document, "name": "other"}))
    shown.get_by_label("Format of the document").select_option("YAML")
    expect(editor).to_have_value(re.compile("name: other"), timeout=PATIENCE)
    editor.fill(editor.input_value() + "budget: {trials: 3}\n")
    expect(shown.get_by_role("alert")).to_contain_text("budget", timeout=PATIENCE)
    editor.fill(WRITTEN)
    expect(shown.get_by_label("Name", exact=True).first).to_have_value("written", timeout=PATIENCE)
    expect(shown.get_by_role("button", name="Create the study")).to_be_enabled(timeout=PATIENCE)
    shown.get_by_role("button", name="Create the study").click()
    expect(shown.get_by_role("heading", level=1, name="written")).to_be_visible(timeout=PATIENCE)
    page.expected("422")


def test_a_study_is_cloned_with_edits(page: Watched) -> None:
    shown = page.open("studies/digits/document")
    shown.get_by_role("link", name="Clone with edits").click()
    expect(shown.get_by_label("Name", exact=True).first).to_have_value("digits-again", timeout=PATIENCE)


def test_a_token_is_made_shown_once_and_revoked(page: Watched) -> None:
    shown = page.open("settings")
    shown.get_by_role("button", name="New token").click()
    shown.get_by_label("Name").fill("laptop")
    shown.get_by_role("dialog").get_by_label("Role").select_option("agent")
    shown.get_by_role("button", name="Make it").click()
    expect(shown.locator(".command code", has_text="cav_")).to_be_visible(timeout=PATIENCE)
    row = shown.locator("tbody tr", has_text="laptop")
    row.get_by_role("button", name="Revoke laptop").click()
    shown.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row.get_by_role("button")).to_have_count(0, timeout=PATIENCE)


def more(shown: Page, name: str) -> None:
    shown.locator("summary", has_text="More").click()
    shown.get_by_role("button", name=name).click()


def test_notes_and_labels_are_written_and_found(page: Watched, served: Served) -> None:
    served.submit("noted", labels={"team": "speech"})
    shown = page.open("studies/noted")
    more(shown, "Notes and labels…")
    shown.get_by_label("Notes", exact=True).fill("warm restarts\nnext: decay")
    labels = shown.get_by_label("Labels, one a line")
    expect(labels).to_have_value("team: speech")
    labels.fill("stage final")
    shown.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("dialog").get_by_role("alert")).to_contain_text("stage final", timeout=PATIENCE)
    labels.fill("stage: final")
    shown.get_by_role("button", name="Save").click()
    expect(shown.locator(".head .tag")).to_have_text("stage: final", timeout=PATIENCE)
    expect(shown.locator(".notes")).to_contain_text("next: decay")
    shown = page.open("studies?q=stage:%20final%20")
    expect(shown.locator("main tbody tr")).to_have_count(1, timeout=PATIENCE)


def test_a_trial_is_tried_by_hand_and_the_space_is_changed(page: Watched, served: Served) -> None:
    served.submit("handmade")
    served.work("handmade", 2)
    shown = page.open("studies/handmade")
    more(shown, "Enqueue a trial…")
    shown.get_by_role("dialog").get_by_role("button", name="Enqueue").click()
    expect(shown.get_by_role("heading", level=1, name="Trial #")).to_be_visible(timeout=PATIENCE)
    shown = page.open("studies/handmade")
    more(shown, "Change the space…")
    shown.get_by_label("Changes (JSON)").fill('{"units": {"high": 128}}')
    shown.get_by_role("button", name="Change the space", exact=True).click()
    expect(shown.get_by_text("The space was changed.")).to_be_visible(timeout=PATIENCE)


def test_a_study_is_forked_into_the_part_that_is_marked(page: Watched) -> None:
    shown = page.open("studies/digits/explore?brush=learning_rate:0.5:0.9~optimizer:0.5:1")
    shown.get_by_role("button", name="Fork into the marked part…").click()
    space = shown.get_by_label("Changes of the space (JSON)")
    changes = json.loads(space.input_value())
    assert changes["learning_rate"]["low"] == pytest.approx(0.01, rel=0.01)
    assert changes["optimizer"] == {"values": ["adam"]}
    shown.get_by_role("dialog").get_by_label("Name", exact=True).fill("digits-part")
    shown.get_by_role("dialog").get_by_role("button", name="Fork").click()
    expect(shown.get_by_role("heading", level=1, name="digits-part")).to_be_visible(timeout=PATIENCE)


def test_a_nudge_is_listed_with_its_effect(page: Watched, served: Served) -> None:
    served.submit("nudged")
    trial = served.call("POST", "/studies/nudged/ask?wait=30s", {"client": "the program"})["items"][0]

    def report(step: int, value: float) -> None:
        served.call("POST", f"/trials/{trial['id']}/report", {"step": step, "metrics": {"val_error": value}})

    report(1, 0.5)
    shown = page.open(f"studies/nudged/trials/{trial['number']}")
    shown.get_by_role("button", name="Nudge…").click()
    form = shown.get_by_role("dialog")
    form.get_by_label("Parameter").select_option("learning_rate")
    form.get_by_label("New value").fill("0.01")
    form.get_by_label("Why").fill("plateau")
    form.get_by_role("button", name="Nudge").click()
    nudges = shown.get_by_role("region", name="Nudges").first
    expect(nudges).to_contain_text("plateau", timeout=PATIENCE)
    report(2, 0.4)
    report(3, 0.3)
    expect(nudges).to_contain_text("→ 0.3 in", timeout=PATIENCE)
