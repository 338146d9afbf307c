"""A trial, seen from outside. (What training code holds is `caviar.Trial`.)"""

from collections.abc import Mapping
from typing import Any

from caviar.client.models import CheckpointInfo, LogPiece, NudgeInfo, Params, Segment, TrialInfo
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

    def checkpoints(self) -> list[CheckpointInfo]:
        """All that were ever made, oldest first; those that are kept have the state "kept"."""
        return [
            CheckpointInfo.model_validate(item) for item in items_of(self._transport.get(self._path("/checkpoints")))
        ]

    def nudges(self) -> list[NudgeInfo]:
        """What was changed of it while it trained, oldest first."""
        return [NudgeInfo.model_validate(item) for item in items_of(self._transport.get(self._path("/nudges")))]

    def segments(self) -> list[Segment]:
        """Which parameters were in force for which steps."""
        answer = self._transport.get(self._path("/nudges"))
        return [Segment.model_validate(item) for item in answer["segments"]]

    def nudge(self, note: str = "", *, twin: bool = False, **params: Any) -> NudgeInfo:
        """Changes parameters between two steps of the training. `twin`: an untouched copy goes on beside it."""
        answer = self._transport.post(self._path("/nudge"), {"params": params, "note": note, "twin": twin})
        return NudgeInfo.model_validate(answer)

    def schedule(
        self, *, name: str | None = None, trials: int | None = None, plateau: float | None = None
    ) -> dict[str, Any]:
        """A study document whose rules do to every trial what was done to this one: `client.submit` launches it.

        `plateau`: after so many steps without improvement, rather than after the steps at which the nudges came."""
        params = {"name": name, "trials": trials, "plateau": plateau}
        answer: dict[str, Any] = self._transport.get(self._path("/schedule"), params)
        return answer

    def pause(self, *, restart: bool = False) -> str | None:
        """Frees its place until `resume`. What that will cost, if anything; a trial without a checkpoint begins again
        with its first step, and is only paused with `restart`."""
        answer = self._transport.post(self._path("/pause"), {"restart": restart})
        self.info = TrialInfo.model_validate(answer)
        warning: str | None = answer["warning"]
        return warning

    def resume(self) -> None:
        self.info = TrialInfo.model_validate(self._transport.post(self._path("/resume")))

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
