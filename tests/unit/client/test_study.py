import sys

import httpx2
import pytest
from tests.unit.client.fake import FakeService, answer, study

from caviar.client.client import Client
from caviar.client.follow import Clock, follow
from caviar.client.models import StudyInfo
from caviar.client.study import Study
from caviar.domain.errors import MissingExtra

DONE = study(state="completed", counts={"completed": 60}, best={"number": 3, "value": 0.01, "params": {"lr": 1}})
PATH = "/api/v1/studies/s1"


def handle(service: FakeService) -> Study:
    return Study(service.transport(), StudyInfo.model_validate(study()))


def test_trials_come_page_by_page() -> None:
    def page(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page_token", "0"))
        token = str(number + 1) if number < 2 else None
        return answer({"items": [{"id": f"t{number}", "number": number, "state": "running"}], "next_page_token": token})

    service = FakeService({f"GET {PATH}/trials": page})
    assert [trial.number for trial in handle(service).trials(state="running")] == [0, 1, 2]
    assert all(request.url.params["state"] == "running" for request in service.requests)


def test_a_figure_is_plotlys_and_lists_are_sent_as_lists() -> None:
    figure = {
        "kind": "slice",
        "revision": 3,
        "data": [{"type": "scatter", "y": [1]}],
        "layout": {"title": {"text": "S"}},
    }
    service = FakeService({f"GET {PATH}/figures/slice": answer(figure)})
    drawn = handle(service).figure("slice", params=["lr", "units"], best=3)
    assert (drawn.layout.title.text, list(drawn.data[0].y)) == ("S", [1])
    assert dict(service.requests[0].url.params) == {"params": "lr,units", "best": "3"}


def test_a_figure_without_plotly_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(MissingExtra, match="plotly is not installed") as refused:
        handle(FakeService({})).figure("history")
    assert refused.value.hint == "pip install 'caviar[plots]'"


def test_a_dataframe_has_a_column_per_parameter() -> None:
    items = [{"id": "t", "number": 0, "state": "completed", "value": 0.5, "params": {"lr": 0.1}}]
    service = FakeService({f"GET {PATH}/trials": answer({"items": items, "next_page_token": None})})
    frame = handle(service).trials_dataframe()
    assert frame.loc[0, "params.lr"] == 0.1
    assert frame.loc[0, "value"] == 0.5


def test_numbers_that_json_lacks_are_read() -> None:
    items = [{"number": 0, "value": "NaN"}, {"number": 1, "value": "-Infinity"}]
    service = FakeService({f"GET {PATH}/ranking": answer({"items": items})})
    first, second = handle(service).ranking()
    assert first.value != first.value
    assert second.value == float("-inf")


def test_following_ends_with_the_finished_study() -> None:
    answers = {f"GET {PATH}": [answer(study()), answer(study()), answer(DONE)]}
    service = FakeService({**answers, f"GET {PATH}/trials": answer({"items": []})})
    slept: list[float] = []
    snapshots = list(follow(handle(service), pace=0.5, clock=Clock(now=lambda: 0.0, sleep=slept.append)))
    assert [snapshot.study.state for snapshot in snapshots] == ["running", "running", "completed"]
    assert slept == [0.0, 0.5]


def test_following_bears_a_service_that_restarts() -> None:
    refused = httpx2.ConnectError("refused")
    service = FakeService({f"GET {PATH}": [*[refused] * 12, answer(DONE)]})
    checks: list[int] = []
    clock = Clock(now=lambda: 0.0, sleep=lambda _: None)
    snapshots = list(follow(handle(service), clock=clock, check=lambda: checks.append(1)))
    assert len(snapshots) == 1
    assert len(checks) == 2


def test_waiting_too_long_is_a_timeout() -> None:
    service = FakeService({f"GET {PATH}": answer(study()), f"GET {PATH}/trials": answer({"items": []})})
    with pytest.raises(TimeoutError, match="digits is running"):
        handle(service).wait(timeout=0.0)


def test_actions_take_over_the_study_s_new_state() -> None:
    service = FakeService({f"POST {PATH}/pause": answer(study(state="paused"))})
    subject = handle(service)
    subject.pause()
    assert subject.state == "paused"


def test_extend_sends_only_what_was_given() -> None:
    service = FakeService({f"POST {PATH}/extend": answer(study())})
    handle(service).extend(trials=100)
    assert service.requests[0].content == b'{"trials":100}'


def test_events_go_on_behind_the_last_one_after_a_break() -> None:
    def stream(request: httpx2.Request) -> httpx2.Response:
        after = int(request.headers.get("last-event-id", "0"))
        text = f'id: {after + 1}\nevent: trial\ndata: {{"number": {after}}}\n\n'
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=text)

    service = FakeService({f"GET {PATH}/events": [stream, httpx2.ReadError("cut"), stream]})
    events = list(handle(service).events(after="4"))
    assert [(event.id, event.kind, event.data) for event in events] == [("5", "trial", {"number": 4})]


def test_a_client_submits_code_by_its_digest(tmp_path: pytest.TempPathFactory) -> None:
    service = FakeService(
        {"POST /api/v1/bundles": answer({"digest": "sha256:abc"}), "POST /api/v1/studies": answer(study())}
    )
    with Client("http://caviar.test", "cav_t", http=service.http) as client:
        made = client.create_study(
            train="train:main", code=str(tmp_path), space={"lr": {"type": "float"}}, metric="loss", trials=3
        )
    assert made.name == "digits"
    assert b'"code":{"bundle":"sha256:abc"}' in service.requests[1].content
    assert service.requests[0].headers["content-type"] == "application/zip"
