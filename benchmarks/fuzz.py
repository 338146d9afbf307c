"""The whole API under schemathesis, as every role: `python benchmarks/fuzz.py --cases 20000 --seed 1`.

In process, on SQLite in a temporary folder (or --database-url). Two parts: each operation alone, with bodies that keep
the schema and bodies that break it; then sequences of operations that feed each other (the stateful phase). It fails
on a 5xx, on an answer that the description does not have, on a role that reaches further than it may, and on a body
that breaks the schema and is accepted.
"""

import argparse
import contextlib
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans, sampled_from

sys.path.insert(0, str(Path(__file__).parent.parent))

from schemathesis import GenerationMode
from tests.support.api import AGENT_ID, Api, running
from tests.support.fuzzing import CHECKS, Tally, aim, examine, operations, send, tokens_by_role

from caviar.storage import migrate
from caviar.storage.database import Database


@schemathesis.serializer("application/zip")
def _as_it_is(_: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database_url or f"sqlite:///{folder}/caviar.db"
        database = Database(url)
        migrate.upgrade(database)
        quick = {"longest_wait_seconds": 0.01, "longest_park_seconds": 0.01, "requests_per_minute": 10**9}
        with running(database, Path(folder) / "data", **quick) as api:
            alone = each_alone(api, asked.cases, asked.seed)
            print(f"each operation alone: {alone}")
            together = in_sequence(api, max(20, asked.cases // 200), asked.seed)
            print(f"in sequences: {together}")
        database.close()
    failures = alone.failures + together.failures
    for failure, count in Counter(failures).most_common(20):
        print(f"FAILED ({count}): {failure}", file=sys.stderr)
    return 1 if failures else 0


def each_alone(api: Api, cases: int, first_seed: int) -> Tally:
    tokens = tokens_by_role(api)
    api.submit(train={"external": True})
    trial = api.post("/studies/digits/ask", {})["items"][0]["id"]
    known = {"study": "digits", "trial": trial, "agent": AGENT_ID, "number": 0}
    every = list(operations(api))
    tally = Tally()
    each = settings(
        max_examples=max(1, cases // (2 * len(every))),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )
    for operation in every:
        for mode in GenerationMode:

            @seed(first_seed)
            @each
            @given(operation.as_strategy(mode), booleans(), sampled_from(list(tokens)))
            def check(case: Any, aimed: bool, role: str | None) -> None:  # noqa: FBT001
                if aimed:
                    aim(case, known)
                examine(case, send(api, case, tokens[role]), role, tally)

            try:
                with contextlib.suppress(Unsatisfiable):  # what has no parameters can't be called wrongly
                    check()
            except Exception as error:  # noqa: BLE001  (a failure is counted, and the next operation looked at)
                tally.failures.append(f"{operation.label} {mode.value}: {_said(error)}")
    return tally


def in_sequence(api: Api, runs: int, first_seed: int) -> Tally:
    tokens = tokens_by_role(api)
    tally = Tally()
    document = api.get("/openapi.json")
    document["paths"] = {path: each for path, each in document["paths"].items() if not path.endswith("/events")}
    base = schemathesis.openapi.from_dict(document).as_state_machine()

    class Sequences(base):  # type: ignore[misc, valid-type]
        def call(self, case: Any, **_: Any) -> Any:
            answer = send(api, case, tokens["admin"])
            tally.add(answer.status_code)
            return schemathesis.Response.from_any(answer)

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    how = settings(
        max_examples=runs,
        stateful_step_count=12,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    try:
        seed(first_seed)(Sequences).run(settings=how)
    except Exception as error:  # noqa: BLE001
        tally.failures.append(f"sequences: {_said(error)}")
    return tally


def _said(error: BaseException) -> str:
    parts = getattr(error, "exceptions", None)
    return "; ".join(_said(each) for each in parts) if parts else f"{type(error).__name__}: {error}"[:600]


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    sys.exit(main())
