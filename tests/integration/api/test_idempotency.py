"""A repeated request with its key has one effect and one answer."""

import threading

from tests.support.api import Api, study_document

KEY = {"Idempotency-Key": "0b7ad9f4-6a1c"}


def test_a_study_is_made_once(api: Api) -> None:
    answers = [api.call("POST", "/studies", json=study_document(), headers=KEY) for _ in range(3)]
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert len({each.headers["location"] for each in answers}) == 1
    assert len(api.get("/studies")["items"]) == 1


def test_a_key_stands_for_one_request(api: Api) -> None:
    api.post("/studies", study_document(), headers=KEY)
    problem = api.refused("POST", "/studies", json=study_document(name="other"), headers=KEY)
    assert (problem["status"], problem["code"]) == (409, "idempotency_mismatch")


def test_a_refused_request_may_be_mended_under_its_key(api: Api) -> None:
    assert api.refused("POST", "/studies", json={}, headers=KEY)["status"] == 422
    assert api.call("POST", "/studies", json=study_document(), headers=KEY).status_code == 201


def test_keys_of_two_tokens_do_not_meet(api: Api) -> None:
    other = api.post("/tokens", {"name": "other", "role": "admin"})["secret"]
    api.post("/studies", study_document(), headers=KEY)
    second = api.call("POST", "/studies", json=study_document(name="b"), headers=KEY, token=other)
    assert second.status_code == 201


def test_a_trial_a_report_and_an_ask_are_done_once(api: Api) -> None:
    api.submit(train={"external": True})
    params = {"params": {"lr": 0.1, "units": 20, "optimizer": "adam"}}
    for _ in range(2):
        made = api.post("/studies/digits/trials", params, headers=KEY)
    assert api.get("/studies/digits")["counts"]["waiting"] == 1
    for _ in range(2):
        asked = api.post("/studies/digits/ask", {"client": "a"}, headers={"Idempotency-Key": "ask"})
        assert [each["id"] for each in asked["items"]] == [made["id"]]
    for _ in range(2):
        report = {"step": 1, "metrics": {"loss": 0.5}}
        api.post(f"/trials/{made['id']}/report", report, headers={"Idempotency-Key": "report"})
    assert api.get(f"/trials/{made['id']}/metrics")["step"] == [1.0]


def test_requests_that_meet_under_a_key_make_one_study(api: Api) -> None:
    statuses: list[int] = []

    def submit() -> None:
        statuses.append(api.call("POST", "/studies", json=study_document(), headers=KEY).status_code)

    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 6
    assert len(api.get("/studies")["items"]) == 1


def test_a_key_is_printable(api: Api) -> None:
    for key in ("", "a b", "x" * 201):
        problem = api.refused("POST", "/studies", json=study_document(), headers={"Idempotency-Key": key})
        assert problem["errors"][0]["pointer"] == "/idempotency-key"
