"""Answers as bytes: documents are plain dicts, written once, by orjson."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson
from starlette.responses import Response

from caviar.storage.rows import StudyRow

JSON = "application/json"


def encoded(document: Any) -> bytes:
    return orjson.dumps(document, _contiguous, orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def _contiguous(value: Any) -> Any:
    """orjson takes arrays only as they lie in memory; a column of a matrix does not."""
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value)
    raise TypeError(type(value).__name__)


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(document), status, headers, JSON)


def items(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """A list that is never longer than one answer."""
    return {"items": documents, "next_page_token": None}


def etag(study: StudyRow) -> str:
    """Of whatever hangs on a study."""
    return tag_of(study.id, study.revision)


def tag_of(study_id: str, revision: int) -> str:
    """The study's revision, and which study it is (a name may pass to another)."""
    return f'W/"{revision}.{study_id[-12:]}"'


def unless_known(study: StudyRow, if_none_match: str | None, make: Callable[[], Any]) -> Response:
    """304 when the caller has seen the study's revision; else what `make` reads."""
    tag = etag(study)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return answer(make(), headers=headers)


def is_known(tag: str, if_none_match: str | None) -> bool:
    """RFC 9110, 13.1.2, with weak comparison."""
    if if_none_match is None:
        return False
    known = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
