"""A trial, seen from outside. (What training code holds is `caviar.Trial`.)"""

from collections.abc import Mapping
from typing import Any

from caviar.client.models import LogPiece, Params, TrialInfo
from caviar.client.pages import items_of
from caviar.client.transport import Request, Transport
from caviar.domain.numbers import json_number


class Trial:
    """Its attributes are as of the last answer of the service; `refresh` asks again."""

    def __init__(self, transport: Transport, info: TrialInfo) -> None:
        self._transport = transport
        self.info = info

    def __repr__(self) -> str:
        return f"<Trial #{self.number} {self.state} value={self.value}>"

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def number(self) -> int:
        return self.info.number

    @property
    def state(self) -> str:
        return self.info.state

    @property
    def params(self) -> Params:
        return self.info.params

    @property
    def value(self) -> float | None:
        return self.info.value

    def refresh(self) -> TrialInfo:
        self.info = TrialInfo.model_validate(self._transport.get(self._path()))
        return self.info

    def metrics(self) -> dict[str, list[Any]]:
        """By column, "step" among them; all columns are of one length."""
        answer: dict[str, list[Any]] = self._transport.get(self._path("/metrics"))
        return answer

    def logs(self) -> str:
        """What it wrote to stdout and stderr, as far as it is kept."""
        return self.log_piece().text

    def log_piece(self, after: str | None = None) -> LogPiece:
        """What it wrote since the piece whose cursor `after` is."""
        answer = self._transport.send(Request("GET", self._path("/logs"), {"after": after}))
        return LogPiece(text=answer.text, cursor=answer.headers.get("caviar-log-cursor"))

    def attempts(self) -> list[dict[str, Any]]:
        return items_of(self._transport.get(self._path("/attempts")))

    def stop(self) -> None:
        self._transport.post(self._path("/stop"))

    def report(self, step: float, metrics: Mapping[str, float]) -> str:
        """For a study of kind `external`. The answer is "continue", "stop" or "pause"."""
        answer = self._transport.post(self._path("/report"), {"step": step, "metrics": _wire(metrics)})
        self.info = self.info.model_copy(update={"params": answer.get("params") or self.info.params})
        return str(answer["verdict"])

    def complete(self, metrics: Mapping[str, float] | None = None) -> None:
        """For a study of kind `external`. The last report counts where `metrics` lacks the study's metric."""
        self._transport.post(self._path("/complete"), {"metrics": _wire(metrics or {})})

    def fail(self, message: str, code: str = "exception") -> None:
        self._transport.post(self._path("/complete"), {"failed": {"code": code, "message": message}})

    def _path(self, action: str = "") -> str:
        return f"/api/v1/trials/{self.id}{action}"


def _wire(metrics: Mapping[str, float]) -> dict[str, float | str]:
    return {name: json_number(value) for name, value in metrics.items()}
