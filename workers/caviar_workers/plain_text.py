"""Texts as the wire takes them: no controls beyond tab and the ends of lines, no halves of surrogate pairs.
Standard library only."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
STAND_IN = "\ufffd"


def is_plain(text: str) -> bool:
    return _CONTROL.search(text) is None


def plain(text: str) -> str:
    """With a � for each character that is none of a text."""
    return _CONTROL.sub(STAND_IN, text)


def printed(text: str) -> str:
    """What a program printed may steer a terminal; the rest goes."""
    return _UNKEPT.sub(STAND_IN, text)
