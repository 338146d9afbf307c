"""One finding."""

from dataclasses import dataclass
from typing import Final, Literal

from caviar.insights.documents import Document

MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable; `message` says what is seen, `hint` what to do. `trials` are numbers, at most 20 of them."""

    code: str
    severity: Literal["warning", "note"]
    message: str
    hint: str
    parameter: str | None = None
    trials: tuple[int, ...] = ()

    def to_document(self) -> Document:
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
            "parameter": self.parameter,
            "trials": list(self.trials[:MOST_SHOWN]),
        }
