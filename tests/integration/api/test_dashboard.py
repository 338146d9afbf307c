"""The dashboard's files: open to everybody, small on the wire, and kept by browsers for as long as they hold."""

import gzip
import re

import httpx2
from tests.support.api import Api


def call(api: Api, path: str, **headers: str) -> httpx2.Response:
    return api.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_the_page_needs_no_token_and_names_files_that_there_are(api: Api) -> None:
    answer = call(api, "/dashboard/")
    assert answer.status_code == 200
    found = re.findall(r'(?:href|src)="([^"]+)"', answer.text)
    assert len(found) > 10
    for path in found:
        assert path.startswith("/dashboard/")
        assert call(api, path).status_code == 200


def test_the_page_holds_no_script_of_its_own(api: Api) -> None:
    text = call(api, "/dashboard/").text
    assert all(not inside.strip() for inside in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL))
    assert not re.search(r"\son\w+=|style=|https?://", text)


def test_a_known_page_is_not_sent_again_and_files_hold_for_ever(api: Api) -> None:
    first = call(api, "/dashboard/")
    assert first.headers["cache-control"] == "no-cache"
    assert call(api, "/dashboard/", If_None_Match=first.headers["etag"]).status_code == 304
    path = re.findall(r'src="([^"]+main\.js)"', first.text)[0]
    assert "immutable" in call(api, path).headers["cache-control"]


def test_files_travel_packed(api: Api) -> None:
    path = re.findall(r'src="([^"]+main\.js)"', call(api, "/dashboard/").text)[0]
    plain = call(api, path, Accept_Encoding="identity")
    packed = call(api, path, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_a_file_of_another_version_is_not_answered_with_this_one(api: Api) -> None:
    answer = call(api, "/dashboard/0123456789abcdef/main.js")
    assert answer.status_code == 404
    assert "Reload" in answer.json()["hint"]
