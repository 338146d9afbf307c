"""The environment of training code: what it may know, and how much of the machine it may take."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

COOKIE = "CAVIAR_COOKIE"
"""Names the child whose descendants a process belongs to, wherever it hides."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_SECRET = re.compile(r"^(RAY_|CAVIAR_)|^(__RAY|_RAY)")


def child_environment(
    inherited: Mapping[str, str], *, cookie: str, cpus: float, gpu_ids: Sequence[str]
) -> dict[str, str]:
    """The environment of a child: none of the cluster's or the agent's secrets, its GPUs only, its share of threads."""
    environment = {name: value for name, value in inherited.items() if not _SECRET.match(name)}
    environment[COOKIE] = cookie
    environment["CUDA_VISIBLE_DEVICES"] = ",".join(gpu_ids)
    threads = str(max(1, int(cpus)))
    environment |= dict.fromkeys(_THREADS, threads)
    environment["PATH"] = _with_own_python(environment.get("PATH", os.defpath))
    return environment


def parameter_variables(params: Mapping[str, Any]) -> dict[str, str]:
    """CAVIAR_PARAM_<NAME> for each parameter."""
    return {f"CAVIAR_PARAM_{re.sub(r'[^A-Z0-9]', '_', name.upper())}": as_text(value) for name, value in params.items()}


def as_text(value: Any) -> str:
    """A parameter's value as an argument or variable carries it."""
    match value:
        case None:
            return ""
        case True:
            return "true"
        case False:
            return "false"
        case _:
            return str(value)


def _with_own_python(path: str) -> str:
    """`python` in a command means the interpreter that the slot runs on."""
    own = str(Path(sys.executable).parent)
    return path if path.split(os.pathsep, maxsplit=1)[0] == own else own + os.pathsep + path
