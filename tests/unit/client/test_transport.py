import httpx2
import pytest
from tests.unit.client.fake import FakeService, answer, problem

from caviar.client.errors import NoConnection
from caviar.client.transport import Request
from caviar.domain.errors import CaviarError, Conflict, InvalidStudy, MissingExtra, NotFound, Unauthorized


def test_the_token_travels_with_every_request() -> None:
    service = FakeService({"GET /x": answer({})})
    service.transport("cav_abc").get("/x")
    assert service.requests[0].headers["authorization"] == "Bearer cav_abc"


def test_parameters_that_are_none_are_not_sent() -> None:
    service = FakeService({"GET /x": answer({})})
    service.transport().get("/x", {"state": None, "limit": 3})
    assert dict(service.requests[0].url.params) == {"limit": "3"}


@pytest.mark.parametrize("passing", [httpx2.ConnectError("refused"), httpx2.ReadError("cut"), answer({}, 503)])
def test_a_read_is_tried_again_until_it_is_answered(passing: httpx2.Response | Exception) -> None:
    service = FakeService({"GET /x": [passing, passing, answer({"ok": 1})]})
    assert service.transport().get("/x") == {"ok": 1}
    assert service.slept == [0.2, 0.4]


def test_a_post_is_repeated_with_the_same_key() -> None:
    service = FakeService({"POST /x": [httpx2.ReadError("cut"), answer({"ok": 1})]})
    service.transport().post("/x", {})
    first, second = (request.headers["idempotency-key"] for request in service.requests)
    assert first == second


def test_a_post_without_a_key_is_repeated_only_when_nothing_was_done() -> None:
    service = FakeService({"POST /x": [httpx2.ConnectError("refused"), answer({"ok": 1})]})
    assert service.transport().send(Request("POST", "/x")).json() == {"ok": 1}
    service = FakeService({"POST /x": httpx2.ReadError("cut")})
    with pytest.raises(NoConnection):
        service.transport().send(Request("POST", "/x"))
    assert len(service.requests) == 1


def test_no_answer_at_all_is_one_clear_error() -> None:
    service = FakeService({"GET /x": httpx2.ConnectError("[Errno 111] Connection refused")})
    with pytest.raises(NoConnection, match=r"no Caviar service answers at http://caviar\.test") as caught:
        service.transport().get("/x")
    assert "caviar up" in (caught.value.hint or "")
    assert len(service.requests) == 5


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "unauthorized", Unauthorized),
        (404, "not_found", NotFound),
        (409, "name_taken", Conflict),
        (501, "missing_extra", MissingExtra),
        (500, "internal", CaviarError),
    ],
)
def test_a_problem_document_becomes_its_error(status: int, code: str, kind: type[CaviarError]) -> None:
    service = FakeService({"GET /x": problem(status, code, "what is wrong", hint="what to do")})
    with pytest.raises(kind) as caught:
        service.transport().get("/x")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.detail, caught.value.hint) == (code, "what is wrong", "what to do")


def test_every_mistake_of_a_study_arrives() -> None:
    errors = [{"pointer": "/space/lr/low", "detail": "a"}, {"pointer": "/metric", "detail": "b"}]
    service = FakeService({"POST /x": problem(422, "invalid_study", errors=errors)})
    with pytest.raises(InvalidStudy) as caught:
        service.transport().post("/x", {})
    assert [str(error) for error in caught.value.errors] == ["/space/lr/low: a", "/metric: b"]


def test_an_answer_that_is_no_problem_document_still_says_its_status() -> None:
    service = FakeService({"GET /x": httpx2.Response(500, text="<html>oops</html>")})
    with pytest.raises(CaviarError, match="answered 500"):
        service.transport().get("/x")


def test_a_refused_stream_raises_the_problem() -> None:
    service = FakeService({"GET /x": problem(404, "not_found")})
    with pytest.raises(NotFound), service.transport().stream(Request("GET", "/x")):
        pass
