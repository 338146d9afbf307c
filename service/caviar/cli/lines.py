"""Studies made of others, and edited ones, as the command line tells of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from caviar.client.models import Origin
from caviar.client.study import Study
from caviar.domain.document import load_document
from caviar.domain.errors import InvalidInput, Problem


def space_change(path: Path | None, freeze: Sequence[str]) -> dict[str, Any]:
    """What a file of parameters (or one with `space` and `constraints`) and `name=value` pairs ask for."""
    change: dict[str, Any] = {} if path is None else _sections(path)
    return {**change, "freeze": dict(map(_pair, freeze))} if freeze else change


def fork_study(parent: Study, change: dict[str, Any], name: str | None, trials: int | None) -> None:
    more: dict[str, Any] = {**({"name": name} if name else {}), **({"budget": {"trials": trials}} if trials else {})}
    made = parent.fork(**change, **more)
    typer.echo(f"{made.name} {made.state}")
    if made.info.origin is not None:
        tell_origin(made.info.origin)


def edit_study(study: Study, change: dict[str, Any], note: str | None) -> None:
    study.edit_space(**change, note=note)
    typer.echo(f"{study.name}: its space is version {study.info.space_version} now")


def tell_origin(origin: Origin) -> None:
    typer.echo(f"{origin_text(origin)}")
    for cause in origin.causes:
        where = cause["parameter"] or "constraints"
        typer.echo(f"  left out {cause['results']} for {where}: {cause['example']}")


def origin_text(origin: Origin) -> str:
    results = "result counts" if origin.counted == 1 else "results count"
    rest = f", {origin.left_out} do not" if origin.left_out else ""
    return f"{origin.kind} of {origin.study.name}: {origin.counted} of its {results}{rest}"


def _sections(path: Path) -> dict[str, Any]:
    try:
        document = load_document(path.read_text(encoding="utf-8"), path.suffix)
    except OSError as error:
        raise InvalidInput([Problem("", f"{path} can't be read: {error.strerror}")]) from error
    if not isinstance(document, dict):
        raise InvalidInput([Problem("", f"{path} does not hold parameters by name")])
    whole = isinstance(document.get("space"), dict) and "type" not in document["space"]
    return {key: document[key] for key in ("space", "constraints") if key in document} if whole else {"space": document}


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"--freeze takes PARAMETER=VALUE, not {text}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
