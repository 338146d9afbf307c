"""Values as people read them: short, on one line, never in a way that hides what is large or small."""

import math
from collections.abc import Mapping
from typing import Any


def number(value: float) -> str:
    """Four significant digits: 0.0123, 1234, 1.235e+06, nan."""
    if not math.isfinite(value):
        return str(value)
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e6):
        return str(int(value))
    text = f"{value:.4g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e6 else text


def value_text(value: Any) -> str:
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "-"}[value]
        case int() | float():
            return number(value)
        case _:
            return str(value)


def short_text(value: Any) -> str:
    """With three digits, where two ends of a range are what matters."""
    return f"{value:.3g}" if isinstance(value, float) else value_text(value)


def params_text(params: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value_text(value)}" for name, value in params.items())


def objective_text(metric: str, value: float) -> str:
    return f"{metric}={number(value)}"


def duration(seconds: float) -> str:
    """0.4s, 12s, 3m 05s, 2h 07m, 3d 04h."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02d}h"
