"""Nothing that somebody wrote becomes a script, and nobody gets in without a session."""

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.dashboard.served import Served
from tests.e2e.dashboard.watched import PATIENCE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
    "<iframe srcdoc='<script>parent.alert(5)</script>'>",
    "{{constructor.constructor('alert(6)')()}}",
)


def test_what_somebody_wrote_is_shown_and_never_run(page: Watched, served: Served) -> None:
    served.submit(
        "hostile",
        labels={f"label{index}": each for index, each in enumerate(HOSTILE)},
        metric={"name": "val_error", "goal": "minimize"},
        space={**served_space(), "word": {"type": "choice", "values": list(HOSTILE)}},
    )
    served.work("hostile", 3)
    trial = served.call("POST", "/studies/hostile/ask?wait=30s", {"client": HOSTILE[0]})["items"][0]
    failed = {"failed": {"code": HOSTILE[1][:60], "message": "\n".join(HOSTILE)}}
    served.call("POST", f"/trials/{trial['id']}/complete", failed)
    served.call("POST", "/tokens", {"name": HOSTILE[0], "role": "agent"})
    number = trial["number"]
    for path in (
        "studies?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
        "studies",
        "studies/hostile",
        "studies/hostile/explore?brush=%3Cimg%3E:0:1&scales=%3Cimg%3E:log",
        "studies/hostile/trials?columns=state,params.word&filter=params.word%20%3D%20'%3Cimg%3E'",
        "studies/hostile/curves",
        "studies/hostile/workers",
        "studies/hostile/document",
        f"studies/hostile/trials/{number}",
        "settings",
        "new?from=hostile",
    ):
        shown = page.open(path)
        expect(shown.locator("main .panel").first).to_be_visible(timeout=PATIENCE)
        assert shown.locator("main img[src=x], main iframe, main script").count() == 0
    shown = page.open(f"studies/hostile/trials/{number}")
    expect(shown.locator("main")).to_contain_text(HOSTILE[1], timeout=PATIENCE)


def served_space() -> dict[str, object]:
    return {
        "learning_rate": {"type": "float", "low": 1e-4, "high": 1.0, "scale": "log"},
        "momentum": {"type": "float", "low": 0.9, "high": 0.999},
        "units": {"type": "int", "low": 16, "high": 256},
    }


def test_without_a_session_there_is_only_the_way_in(chromium: Browser, served: Served) -> None:
    context = chromium.new_context()
    stranger = context.new_page()
    stranger.goto(f"{served.url}/dashboard/#/studies")
    stranger.wait_for_url("**/login", timeout=PATIENCE)
    expect(stranger.get_by_text("caviar login-link")).to_be_visible(timeout=PATIENCE)
    context.close()


def test_leaving_ends_the_session(page: Watched) -> None:
    shown = page.open("settings")
    shown.get_by_role("button", name="Log out").click()
    shown.wait_for_url("**/login", timeout=PATIENCE)
    shown.goto(f"{page.url}/dashboard/#/studies")
    shown.wait_for_url("**/login", timeout=PATIENCE)
    page.expected("401")
