"""When a rule of a schedule fires, and what it changes. Pure: the curve of one trial in, new values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from caviar.domain.editing import of_space
from caviar.domain.parameters import Float, Int, Value
from caviar.domain.schedule import ScheduleRule
from caviar.domain.space import Space


@dataclass(slots=True)
class Progress:
    """How a trial's training goes, as far as rules care. `best_loss` is minimised; `fired` holds for each rule the
    steps after which it fired."""

    step: float = 0.0
    best_step: float = 0.0
    best_loss: float = float("inf")
    fired: dict[int, list[float]] = field(default_factory=dict)

    def report(self, step: float, loss: float | None) -> None:
        """One report; None and NaN are no improvement."""
        self.step = step
        if loss is not None and loss < self.best_loss:
            self.best_loss, self.best_step = loss, step


def due(rules: Sequence[ScheduleRule], progress: Progress) -> list[int]:
    """The rules that fire after the step just reported."""
    return [index for index, rule in enumerate(rules) if _fires(rule, progress, progress.fired.get(index, []))]


def changes(rule: ScheduleRule, params: Mapping[str, Any], space: Space) -> dict[str, Value]:
    """What the rule changes of these parameters: kept within their bounds, nothing where it leaves what is there.

    A configuration that the constraints or conditions do not allow is left as it is.
    """
    factors = {name: factor for name, factor in rule.multiply.items() if name in params}
    wanted = {name: product(space, name, params[name], factor) for name, factor in factors.items()}
    wanted |= {name: value for name, value in rule.set.items() if name in params}
    changed = {name: value for name, value in wanted.items() if value != params[name]}
    return changed if changed and not space.check({**of_space(space, params), **changed}) else {}


def _fires(rule: ScheduleRule, progress: Progress, fired: Sequence[float]) -> bool:
    if rule.times is not None and len(fired) >= rule.times:
        return False
    if rule.when.step is not None:
        return not fired and progress.step >= rule.when.step
    since = max([progress.best_step, *fired])
    return rule.when.plateau is not None and progress.step - since >= rule.when.plateau


def product(space: Space, name: str, value: Value, factor: float) -> Value:
    """On the parameter's grid, and within its bounds."""
    parameter = space.parameters[name]
    if not isinstance(parameter, Float | Int) or isinstance(value, bool | str) or value is None:
        return value
    product = value * factor
    if parameter.step is not None:
        product = parameter.low + round((product - parameter.low) / parameter.step) * parameter.step
    bounded = min(max(product, parameter.low), parameter.high)
    return round(bounded) if isinstance(parameter, Int) else float(bounded)
