"""What a check finds, and all checks together."""

from collections.abc import Callable, Iterable
from typing import Final

from caviar.insights.documents import Document
from caviar.insights.health.bounds import best_at_a_bound, parameters_without_effect
from caviar.insights.health.failures import failure_clusters, many_failures
from caviar.insights.health.finding import Finding
from caviar.insights.health.runs import duplicates, stuck_trials
from caviar.insights.views import View

Check = Callable[[View, float], Iterable[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    many_failures,
    failure_clusters,
    stuck_trials,
    best_at_a_bound,
    parameters_without_effect,
    duplicates,
)


def health(view: View, now: float) -> Document:
    """Warnings first. No finding is good news."""
    found = [finding for check in CHECKS for finding in check(view, now)]
    found.sort(key=lambda finding: finding.severity != "warning")
    return {"revision": view.revision, "items": [finding.to_document() for finding in found]}
