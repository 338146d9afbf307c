"""From the text of a file to the object in it; what it means is not looked at."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from caviar.domain.errors import InvalidInput, InvalidStudy, Problem, did_you_mean
from caviar.domain.json_text import TOO_MANY_DIGITS, read_json

MAX_BYTES: Final = 1_000_000


def load_document(text: str, suffix: str) -> object:
    """`suffix` is the file's: .yaml, .yml, .toml or .json. Raises InvalidStudy, with the line where it is known."""
    loader = _LOADERS.get(suffix.lower().removeprefix("."))
    if loader is None:
        _refuse(f'a study is a .yaml, .toml or .json file, not "{suffix}".{did_you_mean(suffix, _LOADERS)}')
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        _refuse(f"the file is larger than {MAX_BYTES:,} bytes")
    try:
        return loader(text.removeprefix("\ufeff"))
    except RecursionError:
        _refuse("the file is nested too deep")


def _json(text: str) -> object:
    try:
        return read_json(text)
    except InvalidInput as error:
        raise InvalidStudy(error.errors) from None


def _toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _refuse(str(error))  # its words end with the line and column
    except ValueError:
        _refuse(TOO_MANY_DIGITS)


def _yaml(text: str) -> object:
    from caviar.domain.yaml_text import YamlError, load_yaml  # noqa: PLC0415 - most of what imports this reads no YAML

    try:
        return load_yaml(text)
    except YamlError as error:
        _refuse(str(error))


_LOADERS: Final[Mapping[str, Callable[[str], object]]] = {"yaml": _yaml, "yml": _yaml, "toml": _toml, "json": _json}


def _refuse(detail: str) -> NoReturn:
    raise InvalidStudy([Problem("", detail)])
