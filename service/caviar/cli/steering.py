"""`checkpoints`, `pause`, `resume`, `nudge`: steering single trials."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from caviar.cli.formats import Format
from caviar.cli.output import Column, emit
from caviar.client.client import Client
from caviar.client.models import CheckpointInfo, NudgeInfo
from caviar.client.trial import Trial
from caviar.client.words import number, params_text
from caviar.domain.errors import InvalidInput, Problem


def list_checkpoints(checkpoints: Iterable[CheckpointInfo], output: Format) -> None:
    emit((each.model_dump(mode="json") for each in checkpoints), CHECKPOINT_COLUMNS, output)


def pause_trial(trial: Trial, *, restart: bool) -> None:
    warning = trial.pause(restart=restart)
    typer.echo(f"trial #{trial.number} is {'paused' if trial.state == 'paused' else 'about to pause'}")
    if warning:
        typer.echo(warning)


def resume_trial(trial: Trial) -> None:
    trial.resume()
    typer.echo(f"trial #{trial.number} is {trial.state}")


def nudge(client: Client, words: Sequence[str], note: str, *, twin: bool) -> None:
    """`words`: the study, unless only one runs, the trial's number, and what to change as name=value."""
    named = [word for word in words if "=" not in word]
    changes = dict(_assignment(word) for word in words if "=" in word)
    if len(named) not in (1, 2) or not named[-1].isdecimal() or not changes:
        raise InvalidInput([Problem("", "say [STUDY] NUMBER name=value ...")], hint="caviar nudge digits 17 rate=0.003")
    study = client.study(named[0]) if len(named) == 2 else _only_one(client)
    info = study.trial(int(named[-1])).nudge(note, twin=twin, **changes)
    typer.echo(f"trial #{info.number} of {study.name}: {_arrow(info)} ({_how(info)})")
    if info.twin is not None:
        typer.echo(f"trial #{info.twin} is its untouched twin")
    if info.warning:
        typer.echo(info.warning)


def list_nudges(nudges: Iterable[NudgeInfo], output: Format) -> None:
    emit((each.model_dump(mode="json") for each in nudges), NUDGE_COLUMNS, output)


def print_or_launch(client: Client, document: dict[str, Any], *, launch: bool) -> None:
    if launch:
        study = client.submit(document)
        typer.echo(f"submitted {study.name} ({study.id})")
        return
    import yaml  # noqa: PLC0415  (slow)

    typer.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), nl=False)


def _only_one(client: Client) -> Any:
    running = list(client.studies(state="running"))
    if len(running) != 1:
        said = f"{len(running)} studies are running: say of which the trial is"
        raise InvalidInput([Problem("", said)], hint="caviar nudge STUDY NUMBER name=value")
    return running[0]


def _assignment(word: str) -> tuple[str, Any]:
    """name=value, the value as JSON has it, else as text."""
    name, _, text = word.partition("=")
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def _arrow(info: NudgeInfo) -> str:
    return f"{params_text(info.old)} -> {params_text(info.new)}"


def _how(info: NudgeInfo) -> str:
    return "on its way" if info.state == "waiting" else f"{info.state} after step {info.step or 0:g}"


NUDGE_COLUMNS = (
    Column("trial", lambda row: f"#{row['number']}", right=True),
    Column("after step", lambda row: "-" if row["step"] is None else number(row["step"]), right=True),
    Column("from", lambda row: params_text(row["old"])),
    Column("to", lambda row: params_text(row["new"])),
    Column("state", lambda row: str(row["state"])),
    Column("who", lambda row: row["author"] or row["origin"]),
    Column("why", lambda row: str(row["note"])),
    Column("twin", lambda row: "" if row["twin"] is None else f"#{row['twin']}", right=True),
    Column("copied", lambda row: f"#{row['copied']['number']}" if row["copied"] else "", right=True),
)

CHECKPOINT_COLUMNS = (
    Column("trial", lambda row: f"#{row['number']}", right=True),
    Column("step", lambda row: number(row["step"]), right=True),
    Column("MB", lambda row: f"{row['size'] / 1e6:.2f}", right=True),
    Column("state", lambda row: str(row["state"])),
    Column("where", lambda row: str(row["uri"])),
    Column("why", lambda row: row["reason"] or ""),
)
