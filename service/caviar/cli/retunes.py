"""Re-tunes and lineages, as the command line tells of them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from caviar.cli.formats import Format
from caviar.cli.output import Column, Row, emit
from caviar.client.client import Client
from caviar.client.data_digest import data_digest
from caviar.client.models import Lineage, Member, Retune
from caviar.client.study import Study
from caviar.client.words import number

LOOK_SECONDS = 30.0
STALE_PAUSE = 0.2
"""Seconds between looks for a verdict once the canary has ended: the service's next tick brings it."""


def retune_study(
    client: Client, study: Study, data: tuple[str | None, Path | None], note: str | None, *, wait: bool
) -> int:
    version, path = data
    section = {"version": version, "path": str(path), "digest": data_digest(path)} if path else {"version": version}
    row = study.retune(note=note, data=section if version or path else None)
    canary = client.study(row.canary_id)
    typer.echo(f"canary {canary.name}: {canary.info.spec['budget']['trials']} trials")
    if wait:
        canary.wait(progress=True)
        row = decided(study, row)
        typer.echo(verdict_text(row))
        if row.successor_id:
            typer.echo(f"tuned again as {client.study(row.successor_id).name}")
    return 0


def watch_data(
    client: Client, name: str, path: Path, note: str | None, *, changes: Iterator[str] | None = None
) -> None:
    """A canary for each change of the data, of the newest study of the lineage. `changes` are digests as they come."""
    found = changed_digests(path) if changes is None else changes
    typer.echo(f"watching {path}")
    for digest in found:
        study = client.study(newest(client.study(name).lineage(), name))
        if study.info.is_finished:
            row = study.retune(note=note, data={"path": str(path), "digest": digest}, trigger="data")
            typer.echo(f"{path} changed: canary {client.study(row.canary_id).name}")


def changed_digests(path: Path) -> Iterator[str]:
    """Looks each half minute, for ever; a change counts once it has stood for one look, so that no half-written file
    is tuned on."""
    known = seen = data_digest(path)
    while True:
        time.sleep(LOOK_SECONDS)
        now = data_digest(path)
        if now == seen != known:
            known = now
            yield now
        seen = now


def newest(lineage: Lineage, name: str) -> str:
    """The study itself, or what its last stale verdict led to."""
    at = next((each.id for each in lineage.studies if each.asked), name)
    for row in lineage.retunes:
        if row.study_id == at and row.successor_id:
            at = row.successor_id
    return at


def decided(study: Study, row: Retune) -> Retune:
    while not row.is_decided:
        time.sleep(STALE_PAUSE)
        row = next(each for each in study.lineage().retunes if each.id == row.id)
    return row


def verdict_text(row: Retune) -> str:
    if row.verdict is None:
        return "canary under way"
    return f"{row.verdict['verdict']}: {row.verdict['why']}"


def show_lineage(study: Study, output: Format) -> None:
    tree = study.lineage()
    rows = [_row(tree, each) for each in tree.studies]
    emit(rows, COLUMNS, output)
    if output is Format.TABLE:
        names = {each.id: each.name for each in tree.studies}
        for row in tree.retunes:
            typer.echo(f"{names.get(row.study_id, row.study_id)}, {row.trigger}: {verdict_text(row)}")


def _row(tree: Lineage, member: Member) -> dict[str, Any]:
    depth, parents, at = 0, {each.id: each.parent_id for each in tree.studies}, member.parent_id
    while at in parents and depth < len(parents):
        depth, at = depth + 1, parents[at]
    return {**member.model_dump(mode="json"), "depth": depth}


def _version(row: Row) -> str:
    data = row["data"] or {}
    return str(data.get("version") or data.get("digest") or "-")[:20]


COLUMNS = (
    Column("study", lambda row: "  " * row["depth"] + str(row["name"])),
    Column("kind", lambda row: str(row["kind"])),
    Column("state", lambda row: str(row["state"])),
    Column("best", lambda row: "-" if row["best"] is None else number(row["best"]), right=True),
    Column("data", _version),
    Column("created", lambda row: str(row["created_at"] or "-")[:16].replace("T", " ")),
)
