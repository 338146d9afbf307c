"""A study, seen from outside."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Self

from caviar.client.exporting import export
from caviar.client.models import (
    Best,
    Change,
    CheckpointInfo,
    Inherited,
    Lineage,
    NudgeInfo,
    Ranked,
    Recommended,
    Retune,
    RoundInfo,
    StoppingInfo,
    StudyInfo,
    TrialInfo,
)
from caviar.client.pages import items_of, iterate
from caviar.client.stream import changes
from caviar.client.transport import Request, Transport
from caviar.client.trial import Trial
from caviar.client.watching import watch
from caviar.domain.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

PAGE_SIZE = 200


class Study:
    """`name`, `state` and `info` are as of the last answer of the service; `best` and the methods ask it."""

    def __init__(self, transport: Transport, info: StudyInfo) -> None:
        self._transport = transport
        self.info = info

    def __repr__(self) -> str:
        return f"<Study {self.name!r} {self.state}, {self.info.counts.finished} trials finished>"

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def state(self) -> str:
        return self.info.state

    @property
    def best(self) -> Best | None:
        """None until a trial has a value."""
        return self.refresh().best

    def refresh(self, *, wait: float = 0.0, until: Literal["finished"] | None = None) -> StudyInfo:
        """With `wait`, the service answers when `until` holds, or after that many seconds."""
        params = {"wait": f"{wait:g}s" if wait else None, "until": until}
        answer = self._transport.get(self._path(), params, timeout=wait + 30.0)
        self.info = StudyInfo.model_validate(answer)
        return self.info

    def wait(self, *, progress: bool = False, timeout: float | None = None) -> Self:
        """Returns when the study is finished, in whatever state: look at `state`. Raises TimeoutError.

        Interrupting it leaves the study running.
        """
        watch(self, progress=progress, timeout=timeout)
        return self

    def ranking(self, limit: int = 20) -> list[Ranked]:
        """The best come first."""
        answer = self._transport.get(self._path("/ranking"), {"limit": limit})
        return [Ranked.model_validate(item) for item in items_of(answer)]

    @property
    def recommended(self) -> Recommended | None:
        """The configuration to take, and how sure that is. `best` is the best single result, which may be luck."""
        found = self._transport.get(self._path("/ranking"), {"limit": 1}).get("recommended")
        return None if found is None else Recommended.model_validate(found)

    def trials(
        self,
        *,
        state: str | None = None,
        order_by: str | None = None,
        filter: str | None = None,  # noqa: A002
    ) -> Iterator[Trial]:
        """All of them, in the order of their numbers unless `order_by` says otherwise, fetched page by page."""
        params = {"state": state, "order_by": order_by, "filter": filter}
        for item in iterate(self._transport, self._path("/trials"), params, PAGE_SIZE):
            yield Trial(self._transport, TrialInfo.model_validate(item))

    def trial(self, number: int) -> Trial:
        answer = self._transport.get(self._path(f"/trials/{number}"))
        return Trial(self._transport, TrialInfo.model_validate(answer))

    def running(self, limit: int) -> list[TrialInfo]:
        """At most `limit` of the trials that run now."""
        answer = self._transport.get(self._path("/trials"), {"state": "running", "page_size": limit})
        return [TrialInfo.model_validate(item) for item in items_of(answer)]

    def trials_dataframe(self) -> "pd.DataFrame":
        """One row per trial, with a column `params.<name>` for each parameter. Needs pandas."""
        try:
            import pandas as pd  # noqa: PLC0415  (heavy, and an extra)
        except ImportError as error:
            raise MissingExtra("pandas", "pandas") from error
        return pd.DataFrame([_row(trial.info) for trial in self.trials()])

    def export(self, target: str | Path | BinaryIO, format: str | None = None, **asked: str | None) -> None:  # noqa: A002
        """Writes trials as csv, json, jsonl or parquet (default: as the file's name says) to a file, which is there
        when it is whole, or to an open binary stream. `asked`: `filter`, `state`, `order_by`, as in `trials`."""
        export(self._transport, self._path("/trials/export"), target, format, asked)

    def checkpoints(self, *, state: str | None = None, limit: int = 100) -> list[CheckpointInfo]:
        """The newest first: what is kept, and what was removed and why."""
        answer = self._transport.get(self._path("/checkpoints"), {"state": state, "limit": limit})
        return [CheckpointInfo.model_validate(item) for item in items_of(answer)]

    def nudges(self, limit: int = 100) -> list[NudgeInfo]:
        """What was changed of its trials while they trained, the newest first."""
        answer = self._transport.get(self._path("/nudges"), {"limit": limit})
        return [NudgeInfo.model_validate(item) for item in items_of(answer)]

    def rounds(self) -> list[RoundInfo]:
        answer = self._transport.get(self._path("/rounds"))
        return [RoundInfo.model_validate(item) for item in items_of(answer)]

    def stopping(self) -> StoppingInfo:
        """How much was stopped early, and how often a would-be winner was, as far as the audit tells."""
        return StoppingInfo.model_validate(self._transport.get(self._path("/stopping")))

    def figure(self, kind: str, **asked: str | int | Sequence[str | int] | None) -> "go.Figure":
        """The picture that the dashboard shows, as a Plotly figure: `study.figure("slice", params=["lr"])`. What can be
        asked is that of `figure_data`. Needs plotly."""
        try:
            import plotly.graph_objects as go  # noqa: PLC0415  (heavy, and an extra)
        except ImportError as error:
            raise MissingExtra("plotly", "plots") from error
        data = self.figure_data(kind, **asked)
        return go.Figure({"data": data["data"], "layout": data["layout"]})

    def figure_data(self, kind: str, **asked: str | int | Sequence[str | int] | None) -> dict[str, Any]:
        """The same as plain data in Plotly's form, for those without plotly. `kind`: history, rounds, slice, contour,
        parallel and so on; `asked`: `x`, `state`, `origin`, `params`, `best`, `trials`, lists as lists."""
        params = {name: _joined(value) for name, value in asked.items()}
        answer: dict[str, Any] = self._transport.get(self._path(f"/figures/{kind}"), params)
        return answer

    def importance(self, method: str = "ped_anova") -> dict[str, Any]:
        """Which parameters mattered, over the whole space and among the good. `method`: ped_anova or fanova."""
        answer: dict[str, Any] = self._transport.get(self._path("/importance"), {"method": method})
        return answer

    def forecast(self) -> dict[str, Any]:
        """What is still to come, as ranges, and what more trials would gain."""
        answer: dict[str, Any] = self._transport.get(self._path("/forecast"))
        return answer

    def health(self) -> list[dict[str, Any]]:
        """What looks wrong, warnings first: `message` and `hint` of each."""
        return items_of(self._transport.get(self._path("/health")))

    def compare(self, *numbers: int, metric: str | None = None) -> dict[str, Any]:
        """Trials side by side: parameters, those that differ first, and a metric over one axis of steps."""
        params = {"trials": _joined(numbers), "metric": metric}
        answer: dict[str, Any] = self._transport.get(self._path("/compare"), params)
        return answer

    def leaderboard(self, limit: int = 10) -> dict[str, Any]:
        """The ranking with intervals and ties, where configurations were repeated with other seeds."""
        answer: dict[str, Any] = self._transport.get(self._path("/leaderboard"), {"limit": limit})
        return answer

    def events(self, after: str | None = None) -> Iterator[Change]:
        """What changes, as it does, from now or from behind the change with id `after`. Blocks between changes."""
        return changes(self._transport, self._path("/events"), after)

    def pause(self, *, running: bool = False) -> None:
        """Starts no more trials. With `running` those that run are paused too, and go on with the study."""
        self._act("/pause", {"running": running})

    def resume(self) -> None:
        self._act("/resume")

    def stop(self) -> None:
        """Ends the study and its running trials."""
        self._act("/stop")

    def extend(self, *, trials: int | None = None, parallel: int | None = None, seconds: float | None = None) -> None:
        """Sets parts of the budget anew while the study runs, or after it has used the old one up."""
        budget = {"trials": trials, "parallel": parallel, "seconds": seconds}
        self._act("/extend", {name: value for name, value in budget.items() if value is not None})

    def fork(
        self,
        *,
        space: Mapping[str, Any] | None = None,
        freeze: Mapping[str, Any] | None = None,
        **sections: Any,
    ) -> "Study":
        """A new study with this one's document, changed: its results that lie in the new space count as history.

        `space` changes parameters by name (None removes one, a part of one such as {"low": 0.001} narrows it),
        `freeze` makes them constants; `sections` (name, budget, search, ...) are merged into this study's.
        """
        body = {"space": dict(space or {}), "freeze": dict(freeze or {}), **sections}
        answer = self._transport.post(self._path("/fork"), body)
        return Study(self._transport, StudyInfo.model_validate(answer))

    def edit_space(
        self,
        *,
        space: Mapping[str, Any] | None = None,
        freeze: Mapping[str, Any] | None = None,
        constraints: Sequence[str] | None = None,
        note: str | None = None,
    ) -> None:
        """Changes the space while the study goes on, as `fork` does: trials keep their numbers, and those in the new
        space count as evidence."""
        given = {"space": space, "freeze": freeze, "constraints": constraints, "note": note}
        body = {name: value for name, value in given.items() if value is not None}
        answer = self._transport.send(Request("PATCH", self._path("/space"), json=body)).json()
        self.info = StudyInfo.model_validate(answer)

    def retune(self, *, note: str | None = None, data: Mapping[str, Any] | None = None, **more: Any) -> Retune:
        """Asks whether the result still holds, on `data` such as {"version": "2027-02"}: starts a canary. `more` may
        set its best, neighbours, controls and repeats. `lineage` has the verdict once the canary has ended."""
        given = {"note": note, "data": data, **more}
        body = {name: value for name, value in given.items() if value is not None}
        return Retune.model_validate(self._transport.post(self._path("/retune"), body))

    def lineage(self) -> Lineage:
        """What the study was made of, and what was made of it: forks, canaries, re-tunes with their verdicts."""
        return Lineage.model_validate(self._transport.get(self._path("/lineage")))

    def inherited(self) -> list[Inherited]:
        """Results of other studies, numbered below 0: those that count here, and those that do not."""
        answer = self._transport.get(self._path("/inherited"))
        return [Inherited.model_validate(item) for item in items_of(answer)]

    def annotate(self, *, labels: Mapping[str, str | None] | None = None, notes: str | None = None) -> None:
        """Sets labels (None takes one away, those not named stay) and notes, whatever the study's state."""
        given = {"labels": None if labels is None else dict(labels), "notes": notes}
        body = {name: value for name, value in given.items() if value is not None}
        answer = self._transport.send(Request("PATCH", self._path(), json=body)).json()
        self.info = StudyInfo.model_validate(answer)

    def enqueue(self, params: Mapping[str, Any]) -> Trial:
        """Has a configuration of one's own tried."""
        answer = self._transport.post(self._path("/trials"), {"params": dict(params)})
        return Trial(self._transport, TrialInfo.model_validate(answer))

    def ask(self, count: int = 1, *, client: str, wait: float = 20.0) -> list[Trial]:
        """Configurations to train oneself (studies of kind `external`). A `client` that asks again first gets what it
        has not completed. None when the study is finished, or has nothing to give for `wait` seconds."""
        body = {"count": count, "client": client}
        answer = self._transport.post(self._path("/ask"), body, params={"wait": f"{wait:g}s"}, timeout=wait + 30.0)
        return [Trial(self._transport, TrialInfo.model_validate(item)) for item in items_of(answer)]

    def delete(self) -> None:
        self._transport.send(Request("DELETE", self._path()))

    def _act(self, action: str, body: Mapping[str, Any] | None = None) -> None:
        answer = self._transport.post(self._path(action), body)
        if isinstance(answer, dict) and "id" in answer and "counts" in answer:
            self.info = StudyInfo.model_validate(answer)

    def _path(self, action: str = "") -> str:
        return f"/api/v1/studies/{self.id}{action}"


def _row(info: TrialInfo) -> dict[str, Any]:
    row = info.model_dump(exclude={"params", "reason", "study_id"})
    row["reason"] = info.reason.code if info.reason else None
    return {**row, **{f"params.{name}": value for name, value in info.params.items()}}


def _joined(value: str | int | Sequence[str | int] | None) -> str | int | None:
    if value is None or isinstance(value, str | int):
        return value
    return ",".join(map(str, value))
