"""Code, content-addressed."""

import hashlib
import io
import zipfile

from sqlalchemy import update
from tests.support.api import AGENT, Api, study_document

from caviar.storage.tables import bundles


def a_zip(text: str = "def main(trial): ...") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("train.py", text)
    return buffer.getvalue()


def upload(api: Api, data: bytes, **how: object) -> dict[str, object]:
    return api.call("POST", "/bundles", content=data, headers={"Content-Type": "application/zip"}, **how)


def test_a_bundle_comes_back_as_it_was(api: Api) -> None:
    data = a_zip()
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    for _ in range(2):
        answer = upload(api, data)
        assert (answer.status_code, answer.json()) == (201, {"digest": digest, "size": len(data)})
    got = api.call("GET", f"/bundles/{digest}", token=AGENT)
    assert (got.content, got.headers["content-type"]) == (data, "application/zip")
    assert "immutable" in got.headers["cache-control"]


def test_a_study_needs_its_bundle(api: Api) -> None:
    digest = "sha256:" + "0" * 64
    document = study_document(train={"function": "train:main"}, code={"bundle": digest})
    assert api.refused("POST", "/studies", json=document)["errors"][0]["pointer"] == "/code/bundle"
    stored = upload(api, a_zip()).json()["digest"]
    assert api.submit(train={"function": "train:main"}, code={"bundle": stored})["state"] == "queued"


def test_what_is_no_zip_or_was_damaged_is_refused(api: Api) -> None:
    assert upload(api, b"no zip").json()["code"] == "invalid_input"
    answer = upload(api, a_zip(), params={"digest": "sha256:" + "0" * 64})
    assert answer.json()["errors"][0]["pointer"] == "/digest"
    assert api.refused("GET", "/bundles/sha256:" + "0" * 64)["code"] == "not_found"
    assert api.refused("GET", "/bundles/me")["errors"][0]["pointer"] == "/digest"


def test_a_bundle_that_changed_in_the_database_is_not_handed_out(api: Api) -> None:
    digest = upload(api, a_zip()).json()["digest"]
    with api.service.database.write() as tx:
        tx.connection.execute(update(bundles).values(data=b"PK\x03\x04 something else"))
    assert api.refused("GET", f"/bundles/{digest}")["code"] == "bundle_damaged"


def test_a_bundle_has_a_largest_size(api: Api) -> None:
    limit = api.service.settings.max_bundle_bytes
    object.__setattr__(api.service, "settings", api.service.settings.model_copy(update={"max_bundle_bytes": 100}))
    assert limit > 2**20
    assert upload(api, a_zip("x" * 1_000)).json()["code"] == "too_large"
    chunks = (a_zip() for _ in range(3))
    assert upload(api, chunks).json()["code"] == "too_large"
