"""What a parameter may hold, and the sentences that refuse what it may not."""

import json
import math
import unicodedata
from typing import Final, Literal, get_args

Scale = Literal["linear", "log", "one_minus_log"]
SCALES: Final[tuple[Scale, ...]] = get_args(Scale)
Value = bool | int | float | str | None

MAX_INT: Final = 2**53 - 1
"""Every program that reads JSON agrees on the integers up to here, and float64 holds them exactly."""
MAX_TEXT: Final = 1_000
MISSING: Final = object()
"""Stands for a key that a document lacks, so that one pass finds what is missing along with what is wrong."""

_SHOWN: Final = 60


def plain(value: object) -> object:
    """Python's own type for a numpy scalar or an enum member; anything else unchanged."""
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        value = value.item()
    match value:
        case bool():
            return value
        case int():
            return int(value)
        case float():
            return float(value)
        case str():
            return str.__str__(value)
    return value


def key(value: object) -> tuple[bool, object]:
    """Equal for values that mean the same in JSON: 1 is 1.0, but neither is true."""
    return isinstance(value, bool), value


def shown(value: object) -> str:
    """As JSON would write it, cut to fit a sentence."""
    if isinstance(value, int) and abs(value) > 10**_SHOWN:
        return "a huge integer"
    if isinstance(value, Value) or value in ([], {}):
        text = json.dumps(value, ensure_ascii=False)
    else:
        kinds: dict[type, str] = {dict: "an object", list: "a list", tuple: "a list"}
        text = kinds.get(type(value), f"a {type(value).__name__}")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def number_problem(value: object) -> str | None:
    """Why `value` is not a finite number; None when it is one."""
    if value is MISSING:
        return "is missing"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"must be a number, not {shown(value)}{_quoted_number(value)}"
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    return None if finite else f"must be finite, not {shown(value)}"


def whole_problem(value: object) -> str | None:
    """Why `value` is not an integer that every JSON reader can hold; None when it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        problem = number_problem(value)
        return problem and problem.replace("a number", "a whole number")
    if isinstance(value, float):
        written = f", written without a point: {int(value)}" if value.is_integer() and abs(value) <= MAX_INT else ""
        return f"must be a whole number{written or f', not {shown(value)}'}"
    return None if abs(value) <= MAX_INT else f"must lie within ±(2^53 - 1), not {shown(value)}"


def value_problem(value: object) -> str | None:
    """Why `value` can't be what a choice or a constant holds; None when it can."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return text_problem(value)
    if isinstance(value, int):
        return whole_problem(value)
    if value is MISSING or isinstance(value, float):
        return number_problem(value)
    return f"must be a string, a number, true, false or null, not {shown(value)}"


def text_problem(text: str) -> str | None:
    if len(text) > MAX_TEXT:
        return f"is longer than {MAX_TEXT:,} characters"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        return "holds a control character or half a surrogate pair"
    return None


def _quoted_number(value: object) -> str:
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    written = repr(number)
    pointed = written if "." in written else written.replace("e", ".0e")
    return f" (without quotes, and in YAML with a point: {pointed})"
