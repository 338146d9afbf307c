"""`python -m benchmarks.chaos [--short] [--seed 1] [--history FILE]`: one study of 2,000 short trials (--short: 200)
under SIGKILLs of the service (60), the agent (30), slots (30) and children (30) (--short: 20 in all). Prints how many
kills hit which state, and the violations of the invariants; exits with 1 when there are any."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.chaos.nemesis import Nemesis
from benchmarks.chaos.verify import violations
from benchmarks.overhead_parts.stack import Stack, standing

from caviar.client.bundle import pack_folder
from caviar.storage.database import Database

LONG = {"service": 60, "agent": 30, "slot": 30, "child": 30}
SHORT = {"service": 7, "agent": 5, "slot": 4, "child": 4}
CODE = Path(__file__).parent / "code"
PATIENCE_SECONDS = 3_600.0
Say = Callable[..., None]


def main() -> int:
    options = _options()
    kills, trials = (SHORT, 200) if options.short else (LONG, 2_000)
    history: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="caviar-chaos-", ignore_cleanup_errors=True) as name, \
            _written(options.history) as write:  # fmt: skip
        folder = Path(name)

        def say(kind: str, **what: Any) -> None:
            history.append({"at": round(time.time(), 3), "kind": kind, **what})
            write(json.dumps(history[-1]))

        with standing(folder, None) as stack:
            database = Database(f"sqlite:///{folder}/caviar.db")
            _submit(stack, trials)
            _storm(Nemesis(options.seed, stack.supervisor, database, kills), stack, say)
            _wait(stack, say)
        found = violations(database, history, str(folder), trials)
        database.close()
    _print(history, found, trials)
    return 1 if found else 0


def _submit(stack: Stack, trials: int) -> None:
    headers = {"Content-Type": "application/zip"}
    digest = stack.http.post("/api/v1/bundles", content=pack_folder(CODE).content, headers=headers).json()["digest"]
    document = {
        "name": "chaos",
        "metric": {"name": "loss", "goal": "minimize"},
        "train": {"function": "train:main"},
        "code": {"bundle": digest},
        "space": {"x": {"type": "float", "low": 0.0, "high": 1.0}},
        "search": {"strategy": "random", "seed": 1},
        "retries": 10,
        "budget": {"trials": trials},
    }
    stack.http.post("/api/v1/studies", json=document).raise_for_status()


def _storm(nemesis: Nemesis, stack: Stack, say: Say) -> None:
    for target in nemesis.plan:
        nemesis.pause()
        kill = nemesis.strike(target)
        if kill is None:
            say("missed", target=target)
        else:
            say("kill", target=kill.target, pid=kill.pid, state=kill.state)
        if _ended(_look(stack, say)):
            return


def _wait(stack: Stack, say: Say) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not _ended(_look(stack, say)) and time.monotonic() < end:
        time.sleep(0.5)


def _look(stack: Stack, say: Say) -> dict[str, Any]:
    """What the service says of the study, {} when it is not there to say it."""
    with suppress(httpx2.HTTPError):
        answer = stack.http.get("/api/v1/studies/chaos", timeout=30.0)
        say("answer", status=answer.status_code)
        if answer.status_code == 200:
            study: dict[str, Any] = answer.json()
            return study
    return {}


def _ended(study: dict[str, Any]) -> bool:
    return study.get("state") in ("completed", "failed", "cancelled")


@contextmanager
def _written(path: Path | None) -> Any:
    if path is None:
        yield lambda _: None
        return
    with path.open("w", encoding="utf-8", buffering=1) as file:
        yield lambda line: file.write(f"{line}\n")


def _print(history: list[dict[str, Any]], found: list[str], trials: int) -> None:
    hits = Counter((event["target"], event["state"]) for event in history if event["kind"] == "kill")
    for (target, state), count in sorted(hits.items()):
        print(f"{target:8} killed while {state:8} {count:4}")
    missed = sum(event["kind"] == "missed" for event in history)
    seconds = history[-1]["at"] - history[0]["at"]
    print(f"{trials} trials, {sum(hits.values())} kills, {missed} without a target, {seconds:.0f} s")
    print("\n".join(found) or "all invariants hold")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", type=Path, help="write what happened as JSON lines")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
