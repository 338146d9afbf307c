"""A study file with its code: `code: ./dir` is relative to the file, and becomes a bundle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from caviar.client.bundle import Bundle, pack_folder
from caviar.client.data_digest import data_digest
from caviar.domain.document import load_document, parse_study
from caviar.domain.errors import InvalidStudy, Problem

PLACE_HOLDER: Final = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class StudyFile:
    document: dict[str, Any]
    """Without `code` where that is a folder."""
    bundle: Bundle | None

    @property
    def whole(self) -> dict[str, Any]:
        """With the digest that the code will have."""
        return self.document if self.bundle is None else {**self.document, "code": {"bundle": self.bundle.digest}}

    def check(self) -> None:
        """Raises InvalidStudy with every mistake."""
        parse_study(self.whole)


def read_study_file(path: Path, name: str | None = None) -> StudyFile:
    """Raises InvalidStudy, and what packing the code raises."""
    document = load_document(_text(path), path.suffix)
    if not isinstance(document, dict):
        raise InvalidStudy((Problem("", f"{path} does not hold a study: a mapping with metric, train and space"),))
    if name is not None:
        document = {**document, "name": name}
    document = _with_data_digest(document, path.parent)
    code = document.get("code")
    if not isinstance(code, str):
        return StudyFile(document, None)
    rest = {key: value for key, value in document.items() if key != "code"}
    return StudyFile(rest, pack_folder((path.parent / Path(code).expanduser()).resolve()))


def _with_data_digest(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """`data: {path: ...}`, relative to the study's file, gets the digest of what lies there."""
    data = document.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("path"), str) or "digest" in data:
        return document
    try:
        digest = data_digest((folder / Path(data["path"]).expanduser()).resolve())
    except OSError as error:
        raise InvalidStudy([Problem("/data/path", f"can't be read: {error.strerror or error}")]) from error
    return {**document, "data": {**data, "digest": digest}}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidStudy((Problem("", f"{path} can't be read: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        raise InvalidStudy((Problem("", f"{path} is not UTF-8 text"),)) from error
