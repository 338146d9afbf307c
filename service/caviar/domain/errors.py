"""The one tree of errors.

CaviarError                 code, status, detail, hint, retry
├── InvalidInput      422   a value that breaks its own rules; one Problem per mistake
│   └── InvalidStudy  422   a study document that does
├── Unauthorized      401   no token, or one that is not known
├── Forbidden         403   a token whose role does not reach
├── NotFound          404
├── Conflict          409   right in itself, but not in this state
├── TooLarge          413
├── WrongHost         421   a Host header that is not the service's
├── TooManyRequests   429   in `after` seconds again
├── MissingExtra      501   an optional dependency is not installed
└── Unavailable       503   the same caller may simply repeat it
    └── DiskFull      507   so it may, once there is room
"""
# ruff: noqa: N818  (they are named after what happened, and all derive from CaviarError)

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

_SHOWN = 5
_LONGEST_TYPED = 40


class CaviarError(Exception):
    """Something to tell the caller. `code` is stable and for programs, `detail` and `hint` are for people; `retry`
    says whether the same request may succeed when it is repeated unchanged."""

    code: str = "internal"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = False

    def __init__(self, detail: str, *, hint: str | None = None, code: str | None = None) -> None:
        """`code` narrows the one of the class, say "name_taken" for a Conflict."""
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.detail} ({self.hint})" if self.hint else self.detail


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `pointer` is a JSON pointer (RFC 6901) from the root of what was checked; "" is all of it."""

    pointer: str
    detail: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail

    def under(self, prefix: str) -> "Problem":
        """The same mistake, seen from the document that holds what was checked at `prefix` (a pointer)."""
        return Problem(prefix + self.pointer, self.detail)

    def to_document(self) -> dict[str, str]:
        return {"pointer": self.pointer, "detail": self.detail}


class InvalidInput(CaviarError):
    """Holds every mistake, not the first one."""

    code = "invalid_input"
    status = 422

    def __init__(self, errors: Sequence[Problem], *, hint: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(_summary(self.errors), hint=hint)
        self.args = (self.errors,)  # what pickle passes to this method


class InvalidStudy(InvalidInput):
    code = "invalid_study"


class Unauthorized(CaviarError):
    code = "unauthorized"
    status = 401


class Forbidden(CaviarError):
    code = "forbidden"
    status = 403


class NotFound(CaviarError):
    code = "not_found"
    status = 404


class Conflict(CaviarError):
    code = "conflict"
    status = 409


class TooLarge(CaviarError):
    code = "too_large"
    status = 413


class WrongHost(CaviarError):
    code = "wrong_host"
    status = 421


class TooManyRequests(CaviarError):
    code = "too_many_requests"
    status = 429
    retry = True

    def __init__(self, detail: str, *, after: int = 1, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.after = after


class MissingExtra(CaviarError):
    code = "missing_extra"
    status = 501

    def __init__(self, feature: str, extra: str) -> None:
        """`feature` is the subject of "… is not installed", `extra` the one of pyproject that brings it."""
        super().__init__(f"{feature} is not installed", hint=f"pip install 'caviar[{extra}]'")
        self.args = (feature, extra)  # what pickle passes to this method


class Unavailable(CaviarError):
    code = "unavailable"
    status = 503
    retry = True


class DiskFull(Unavailable):
    code = "disk_full"
    status = 507


def pointer(*parts: str | int) -> str:
    """The JSON pointer of a path: pointer("space", "a/b", 0) is "/space/a~1b/0"."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that begins with a space, or "" when nothing known looks like `name`.

    Long names get none: comparing takes the product of the lengths, and nobody types 40 letters.
    """
    if len(name) > _LONGEST_TYPED:
        return ""
    names = [candidate for candidate in known if len(candidate) <= _LONGEST_TYPED]
    lower = {candidate.lower(): candidate for candidate in names}
    close = get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    return f' Did you mean "{lower[close[0]]}"?' if close else ""


def _summary(errors: Sequence[Problem]) -> str:
    if len(errors) == 1:
        return str(errors[0])
    lines = [f"- {error}" for error in errors[:_SHOWN]]
    if len(errors) > _SHOWN:
        lines.append(f"- and {len(errors) - _SHOWN} more")
    return "\n".join([f"{len(errors)} mistakes", *lines])
