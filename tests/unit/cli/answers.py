"""A finished study of two rounds, as the service answers it."""

from typing import Any

import httpx2
from tests.unit.client.fake import FakeService, answer, study

PATH = "/api/v1/studies/s1"
BEST = {"number": 41, "value": 0.0123456, "params": {"learning_rate": 0.0123, "optimizer": "adam", "layers": 2}}
SPEC = {
    "metric": {"name": "val_error", "goal": "minimize"},
    "budget": {"trials": 60},
    "search": {"strategy": "coarse_to_fine"},
}


def trial(number: int, **more: Any) -> dict[str, Any]:
    params = {"learning_rate": 0.1 / (number + 1), "optimizer": "adam", "layers": 2}
    return {"id": f"t{number}", "number": number, "state": "completed", "value": 0.1 * number, "params": params, **more}


def ranked(number: int, value: float, params: dict[str, Any]) -> dict[str, Any]:
    return {"number": number, "value": value, "params": params, "round": 1, "steps": 20, "seconds": 1.5}


def bound(parameter: str, low: Any, high: Any, units: tuple[float, float], reason: str = "") -> dict[str, Any]:
    return {
        "parameter": parameter,
        "low": low,
        "high": high,
        "unit_low": units[0],
        "unit_high": units[1],
        "weights": None,
        "moved_by": [3],
        "rule": "zoom",
        "reason": reason,
    }


ROUNDS = [
    {
        "index": 0,
        "box": 0,
        "first_number": 0,
        "finished": 0,
        "reason": "the whole space",
        "bounds": [
            bound("learning_rate", 0.0001, 1.0, (0.0, 1.0)),
            bound("layers", 1, 3, (0.0, 1.0)),
            {**bound("optimizer", None, None, (0.0, 1.0)), "weights": {"sgd": 0.5, "adam": 0.5}},
        ],
    },
    {
        "index": 1,
        "box": 0,
        "first_number": 20,
        "finished": 18,
        "reason": "18 new results: learning_rate: 0.0001..1 → 0.003..0.05",
        "bounds": [
            bound(
                "learning_rate",
                0.00312,
                0.0517,
                (0.37, 0.68),
                "learning_rate: 0.0001..1 → 0.00312..0.0517; the best 5 of 18 lie in 0.004..0.03",
            ),
            bound("layers", 1, 3, (0.0, 1.0)),
            {
                **bound("optimizer", None, None, (0.0, 1.0), "optimizer: adam 50% → 75%; 4 of the best 5 use adam"),
                "weights": {"sgd": 0.25, "adam": 0.75},
            },
        ],
    },
]

DONE = study(
    state="completed",
    spec=SPEC,
    counts={"completed": 58, "failed": 2},
    best=BEST,
    reason={"code": "trials_done", "message": "all trials of the budget are finished"},
    started_at="2026-01-01T00:00:00.000000Z",
    finished_at="2026-01-01T00:00:48.000000Z",
    created_at="2026-01-01T00:00:00.000000Z",
)


def finished(**more: Any) -> FakeService:
    ranking = [
        ranked(41, 0.0123456, BEST["params"]),  # type: ignore[arg-type]
        ranked(33, 0.02, {"learning_rate": 0.03, "optimizer": "sgd", "layers": 1, "momentum": 0.99123}),
    ]
    trials = [trial(0), trial(1, state="failed", value=None, reason={"code": "oom", "message": "out of memory"})]
    answers: dict[str, httpx2.Response] = {
        "GET /api/v1/studies/digits": answer(DONE),
        "GET /api/v1/studies": answer({"items": [DONE], "next_page_token": None}),
        f"GET {PATH}": answer(DONE),
        f"GET {PATH}/ranking": answer({"items": ranking, "next_page_token": None}),
        f"GET {PATH}/rounds": answer({"items": ROUNDS, "next_page_token": None}),
        f"GET {PATH}/trials": answer({"items": trials, "next_page_token": None}),
        **more,
    }
    return FakeService(dict(answers))
