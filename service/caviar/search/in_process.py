"""The search the service uses, without SQL and Ray: for notebooks, research and benchmarks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from caviar.domain.document import parse_study
from caviar.domain.numbers import parse_metric
from caviar.domain.parameters import Parameter, Value, to_document
from caviar.domain.spec import StudySpec
from caviar.search.audit import Audit, audit, is_audited, was_condemned
from caviar.search.build import build_searcher
from caviar.search.history import HistoryBuffer, Outcome
from caviar.search.recommend import Recommendation, recommend
from caviar.search.searcher import Round, Suggestion
from caviar.search.stopping import Promotion, Verdict, build_stopper


@dataclass(frozen=True, slots=True)
class Best:
    number: int
    params: dict[str, Value]
    value: float


@dataclass(slots=True)
class _Asked:
    suggestion: Suggestion
    step: float = -math.inf
    value: float | None = None


@dataclass(slots=True)
class _Rungs:
    """Values by rung, in order of arrival."""

    values: dict[int, dict[int, float]] = field(default_factory=dict)

    def arrive(self, rung: int, number: int, value: float) -> Any:
        """The values that came before, and notes this one."""
        earlier = self.values.setdefault(rung, {})
        before = np.fromiter(earlier.values(), float)
        earlier[number] = value
        return before


class Search:
    """Ask for configurations, tell how they did; any number may be out at once, told in any order.

    The keywords are the study document's own. Not safe for use from several threads at once.
    """

    def __init__(  # noqa: PLR0913 - the sections of a study document
        self,
        space: Mapping[str, Parameter | Mapping[str, Any]],
        *,
        goal: str = "minimize",
        strategy: str = "coarse_to_fine",
        seed: int = 0,
        trials: int = 100,
        constraints: Sequence[str] = (),
        stopping: Mapping[str, Any] | None = None,
        repeat: Mapping[str, int] | None = None,
        **search: Any,
    ) -> None:
        """`search` takes what else the document's `search` section does, such as `initial`. Raises InvalidStudy."""
        document = {
            "metric": {"name": "value", "goal": goal},
            "train": {"external": True},
            "space": {name: _document(parameter) for name, parameter in space.items()},
            "constraints": list(constraints),
            "search": {"strategy": strategy, "seed": seed, **search},
            "stopping": dict(stopping or {"rule": "none"}),
            "repeat": None if repeat is None else dict(repeat),
            "budget": {"trials": trials},
        }
        self._spec: StudySpec = parse_study(document)
        self._searcher = build_searcher(self._spec.space, self._spec.search, trials, seed, repeat=self._spec.repeat)
        self._stopper = build_stopper(self._spec.stopping, self._spec.stopping.max_steps)
        self._seed = seed
        self._sign = 1.0 if self._spec.minimizes else -1.0
        self._history = HistoryBuffer(self._spec.space.dimension)
        self._asked: list[_Asked] = []
        self._rungs = _Rungs()
        self._paused: set[int] = set()
        self.rounds: list[Round] = []
        self.exhausted = False

    def ask(self, count: int = 1) -> list[Suggestion]:
        """The next `count` configurations; fewer when the space has no more to give. First those that were told to
        "pause" and may go on from where they paused (stopping: {mode: promotion}): their numbers come again."""
        promoted = self._promoted(count)
        return promoted + (self._new(count - len(promoted)) if count > len(promoted) else [])

    def _promoted(self, count: int) -> list[Suggestion]:
        if not isinstance(self._stopper, Promotion):
            return []
        numbers = self._stopper.promotable(self._rungs.values, self._paused)[:count]
        self._paused -= set(numbers)
        return [self._asked[number].suggestion for number in numbers]

    def _new(self, count: int) -> list[Suggestion]:
        plan = self._searcher.suggest(self._history.view(), self.rounds, len(self._asked), count)
        self.rounds += plan.rounds
        self.exhausted = plan.exhausted
        for suggestion in plan.suggestions:
            self._history.append(suggestion.number, suggestion.unit, suggestion.round)
            self._asked.append(_Asked(suggestion))
        return list(plan.suggestions)

    def report(self, number: int, step: float, value: float) -> str:
        """Judge a running trial at a step: "continue", "stop" or "pause". A stopped trial needs no `tell`."""
        asked = self._asked[number]
        after, asked.step, asked.value = asked.step, float(step), parse_metric(value)
        if self._stopper is None or step <= after:
            return Verdict.CONTINUE.value
        drawn = is_audited(self._seed, number, self._spec.stopping.audit)
        if drawn and was_condemned(self._stopper, self._rungs.values, number):
            return Verdict.CONTINUE.value
        loss = self._loss(asked.value)
        for rung in self._stopper.crossed(number, after, float(step)):
            verdict = self._stopper.verdict(number, rung, self._rungs.arrive(rung, number, loss), loss)
            if verdict is not Verdict.CONTINUE and drawn:
                return Verdict.CONTINUE.value
            if verdict is not Verdict.CONTINUE:
                self._history.update(number, Outcome.STOPPED, loss, float(step))
                if verdict is Verdict.PAUSE:
                    self._paused.add(number)
                return verdict.value
        return Verdict.CONTINUE.value

    def tell(self, number: int, value: float | None = None) -> None:
        """A trial ended with `value`; None: it failed."""
        asked = self._asked[number]
        step = asked.step if math.isfinite(asked.step) else None
        if value is None:
            self._history.update(number, Outcome.FAILED, None, step)
            return
        asked.value = parse_metric(value)
        paused_once = isinstance(self._stopper, Promotion)
        stopped = self._history.view().states[number] == Outcome.STOPPED and not paused_once
        self._history.update(number, Outcome.STOPPED if stopped else Outcome.COMPLETED, self._loss(asked.value), step)

    @property
    def trials(self) -> int:
        """The budget that was announced."""
        return self._spec.budget.trials

    def params(self, number: int) -> dict[str, Value]:
        """The configuration of a trial that was asked for."""
        return self._asked[number].suggestion.params

    @property
    def best(self) -> Best | None:
        """The best completed trial so far."""
        history = self._history.view()
        losses = np.where(history.states == Outcome.COMPLETED, history.values, np.nan)
        if not np.isfinite(losses).any():
            return None
        number = int(np.nanargmin(np.where(np.isfinite(losses), losses, np.nan)))
        return Best(number, self._asked[number].suggestion.params, self._sign * float(losses[number]))

    @property
    def recommended(self) -> Recommendation | None:
        """What to take in the end; its values are minimised, as the search has them. None before a result."""
        return recommend(self._spec.space, self._seed, self._history.view(), self.rounds)

    @property
    def audit(self) -> Audit | None:
        """How often the stopping rule was wrong, as far as `stopping: {audit: ...}` tells; None without a rule."""
        if self._stopper is None:
            return None
        history = self._history.view()
        fine = (history.states == Outcome.COMPLETED) & np.isfinite(history.values)
        finals = dict(zip(history.numbers[fine].tolist(), history.values[fine].tolist(), strict=True))
        share = self._spec.stopping.audit
        drawn = [number for number in history.numbers.tolist() if is_audited(self._seed, number, share)]
        return audit(self._stopper, self._rungs.values, drawn, finals)

    def _loss(self, value: float) -> float:
        return self._sign * value


def _document(parameter: Parameter | Mapping[str, Any]) -> Mapping[str, Any]:
    return parameter if isinstance(parameter, Mapping) else to_document(parameter)
