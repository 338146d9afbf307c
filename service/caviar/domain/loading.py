"""From the text of a file to the object in it; what it means is not looked at."""

import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from caviar.domain.errors import InvalidStudy, Problem, did_you_mean
from caviar.domain.values import shown

MAX_BYTES: Final = 1_000_000

_DIGITS: Final = "a number has too many digits"


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
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_whole)
    except json.JSONDecodeError as error:
        _refuse(f"line {error.lineno}, column {error.colno}: {error.msg}")
    except ValueError as error:  # of the three hooks
        _refuse(str(error))


def _toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _refuse(str(error))  # its words end with the line and column
    except ValueError:
        _refuse(_DIGITS)


def _yaml(text: str) -> object:
    from caviar.domain.yaml_text import YamlError, load_yaml  # noqa: PLC0415 - the service never reads YAML

    try:
        return load_yaml(text)
    except YamlError as error:
        _refuse(str(error))


_LOADERS: Final[Mapping[str, Callable[[str], object]]] = {"yaml": _yaml, "yml": _yaml, "toml": _toml, "json": _json}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in result if keys.count(key) > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    return result


def _whole(digits: str) -> int:
    if len(digits) > 1_000:
        raise ValueError(_DIGITS)
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _refuse(detail: str) -> NoReturn:
    raise InvalidStudy([Problem("", detail)])
