"""What following a study tells beside its counts: when it ends, what it costs, and what looks wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from caviar.client.errors import NoConnection
from caviar.client.words import duration
from caviar.domain.errors import CaviarError

if TYPE_CHECKING:
    from caviar.client.study import Study

PACE: Final = 5.0
"""Seconds between two looks: neither changes faster than trials end."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A finding of health: `code` says which, and over which parameter where it is about one."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """`ends` and `cost` are empty where too little has ended to say."""

    ends: str = ""
    cost: str = ""
    warnings: tuple[Warned, ...] = ()


NOTHING: Final = Outlook()


@dataclass(slots=True)
class Outlooks:
    """Asks the service every few seconds. A service that does not answer changes nothing: following notices that."""

    study: "Study"
    latest: Outlook = NOTHING
    asked: float = field(default=float("-inf"))

    def at(self, now: float) -> Outlook:
        """`now` in seconds of a monotonic clock."""
        if now - self.asked >= PACE:
            self.asked = now
            self.latest = self._ask()
        return self.latest

    def _ask(self) -> Outlook:
        try:
            return outlook(self.study.forecast(), self.study.health())
        except NoConnection:
            return self.latest
        except CaviarError:
            return NOTHING


def outlook(forecast: Mapping[str, Any], health: list[dict[str, Any]]) -> Outlook:
    warnings = [each for each in health if each["severity"] == "warning"]
    told = tuple(Warned(_code(each), each["message"], each["hint"]) for each in warnings)
    return Outlook(ends_text(forecast), cost_text(forecast), told)


def ends_text(forecast: Mapping[str, Any]) -> str:
    """`ends in 12m 00s (10m 00s to 15m 00s)`."""
    return f"ends in {span(forecast['seconds'])}" if forecast["seconds"] and forecast["left"] else ""


def cost_text(forecast: Mapping[str, Any]) -> str:
    """`compute: 3m 00s spent, 20m 00s (18m 00s to 22m 00s) to come`."""
    more = f", {span(forecast['compute_seconds'])} to come" if forecast["compute_seconds"] and forecast["left"] else ""
    return f"compute: {duration(forecast['spent_seconds'])} spent{more}"


def span(seconds: Mapping[str, float]) -> str:
    """A range around its middle: 12m 00s (10m 00s to 15m 00s)."""
    return f"{duration(seconds['middle'])} ({duration(seconds['low'])} to {duration(seconds['high'])})"


def _code(finding: Mapping[str, Any]) -> str:
    return f"{finding['code']} {finding.get('parameter') or ''}"
