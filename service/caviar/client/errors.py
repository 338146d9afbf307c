"""From the service's answers to the error tree of `caviar.domain.errors`, plus the one error that only a client has."""

from collections.abc import Mapping
from typing import Any, Final

from caviar.domain.errors import (
    CaviarError,
    Conflict,
    DiskFull,
    Forbidden,
    InvalidInput,
    InvalidStudy,
    MissingExtra,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    WrongHost,
)


class NoConnection(CaviarError):  # noqa: N818
    """No service answered."""

    code = "no_connection"
    status = 0
    retry = True


class SourceUnavailable(CaviarError):  # noqa: N818
    """A Python function can't be sent as source code. The hint says how to write it so that it can."""

    code = "source_unavailable"
    status = 422


_BY_STATUS: Final[Mapping[int, type[CaviarError]]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    421: WrongHost,
    429: TooManyRequests,
    501: MissingExtra,
    503: Unavailable,
    507: DiskFull,
}


def error_of(status: int, problem: Mapping[str, Any]) -> CaviarError:
    """The error that a problem document (RFC 9457) stands for; `problem` may be empty or a stranger's."""
    detail = str(problem.get("detail") or problem.get("title") or f"the service answered {status}")
    code, hint = problem.get("code"), problem.get("hint")
    if problem.get("errors"):
        kind = InvalidStudy if code == "invalid_study" else InvalidInput
        return kind(_problems(problem["errors"]), hint=hint)
    if status == 422:
        return InvalidInput((Problem("", detail),), hint=hint)
    kind_of_status = _BY_STATUS.get(status, CaviarError)
    error = kind_of_status.__new__(kind_of_status)
    CaviarError.__init__(error, detail, hint=hint, code=code or kind_of_status.code)
    return error


def _problems(errors: Any) -> tuple[Problem, ...]:
    return tuple(Problem(str(error.get("pointer", "")), str(error.get("detail", ""))) for error in errors)
