"""`ls`, `trials`, `best`: lists of the service as rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from caviar.cli.formats import Format
from caviar.cli.output import Column, Row, emit
from caviar.cli.sparkline import sparkline
from caviar.client.client import Client
from caviar.client.study import Study
from caviar.client.trial import Trial
from caviar.client.words import duration, number, params_text, value_text


def list_studies(client: Client, output: Format, **asked: str | None) -> None:
    emit((study.info.model_dump(mode="json") for study in client.studies(**asked)), STUDY_COLUMNS, output)


def list_trials(trials: Iterable[Trial], limit: int | None, output: Format) -> None:
    rows: Iterator[Row] = (trial.info.model_dump(mode="json") for trial in islice(trials, limit))
    emit(rows, TRIAL_COLUMNS, output)


def list_ranking(study: Study, limit: int, output: Format) -> None:
    rows = [ranked.model_dump(mode="json") for ranked in study.ranking(limit)]
    emit(rows, ranking_columns(study.info.metric, rows), output)


def ranking_columns(metric: str, rows: Sequence[Row]) -> list[Column]:
    names = list(dict.fromkeys(name for row in rows for name in row["params"]))
    return [
        Column("trial", lambda row: f"#{row['number']}", right=True),
        Column(metric, lambda row: _number(row["value"]), right=True),
        Column("round", lambda row: value_text(row["round"]), right=True),
        *(_param_column(name) for name in names),
    ]


def _param_column(name: str) -> Column:
    return Column(name, lambda row: value_text(row["params"][name]) if name in row["params"] else "", right=True)


def _number(value: Any) -> str:
    return "-" if value is None else value if isinstance(value, str) else number(value)


def _study_best(row: Row) -> str:
    best = row["best"]
    return f"#{best['number']} {_number(best['value'])}" if best else "-"


def _study_trials(row: Row) -> str:
    counts = row["counts"]
    finished = sum(counts[state] for state in ("completed", "stopped", "failed", "infeasible", "cancelled"))
    total = row["spec"].get("budget", {}).get("trials")
    return f"{finished}/{total}" if total else str(finished)


def _ends(row: Row) -> str:
    """When it will end, or did."""
    eta = row["progress"]["eta"]
    moment = row["finished_at"] or (eta and eta["middle"])
    return "-" if not moment else f"{'' if row['finished_at'] else '~'}{moment[5:16].replace('T', ' ')}"


def _reason(row: Row) -> str:
    reason = row["reason"]
    return f"{row['state']} ({reason['code']})" if reason else str(row["state"])


STUDY_COLUMNS = (
    Column("name", lambda row: str(row["name"])),
    Column("state", _reason),
    Column("trials", _study_trials, right=True),
    Column("failed", lambda row: str(row["counts"]["failed"]), right=True),
    Column("best", _study_best, right=True),
    Column("so far", lambda row: sparkline(row["progress"]["best_so_far"], 8)),
    Column("compute", lambda row: duration(row["progress"]["compute_seconds"]), right=True),
    Column("ends (UTC)", _ends, right=True),
)

TRIAL_COLUMNS = (
    Column("trial", lambda row: f"#{row['number']}", right=True),
    Column("state", _reason),
    Column("value", lambda row: _number(row["value"]), right=True),
    Column("step", lambda row: _number(row["step"]), right=True),
    Column("round", lambda row: value_text(row["round"]), right=True),
    Column("params", lambda row: params_text(row["params"])),
)
