"""`run`, `submit`, `watch`: from a study file to its results."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console

from caviar.cli.connect import connect
from caviar.cli.report import print_report
from caviar.cli.studyfile import StudyFile, read_study_file
from caviar.client.client import Client
from caviar.client.discovery import URL, data_folder
from caviar.client.models import StudyInfo
from caviar.client.progress import best_text
from caviar.client.study import Study
from caviar.client.watching import watch
from caviar.domain.errors import Conflict

FAILED, INTERRUPTED = 1, 130


def run(path: Path, data_dir: Path | None, name: str | None) -> int:
    file = read_study_file(path, name)
    file.check()
    with _serving(data_dir) as (client, folder):
        study = _submit_or_continue(client, file) if client.serves_itself else client.submit(file.document, file.bundle)
        return _follow(client, study, folder)


def submit(path: Path, data_dir: Path | None, name: str | None, *, follow: bool) -> int:
    file = read_study_file(path, name)
    with connect(data_dir) as client:
        study = client.submit(file.document, file.bundle)
        typer.echo(f"submitted {study.name} ({study.id})")
        return follow_to_end(client, study) if follow else 0


def follow_to_end(client: Client, study: Study) -> int:
    return _follow(client, study, None)


@contextmanager
def _serving(data_dir: Path | None) -> Iterator[tuple[Client, Path | None]]:
    """A client, and the data folder of the server if that ends with the run."""
    if data_dir is None and os.environ.get(URL):
        with connect(None) as client:
            yield client, None
        return
    folder = data_folder(os.environ, data_dir)
    console = Console()
    if console.is_terminal:
        console.print(f"serving from {folder}", style="dim", soft_wrap=True, highlight=False)
    with Client.local(folder) as client:
        yield client, folder if client.serves_itself else None


def _submit_or_continue(client: Client, file: StudyFile) -> Study:
    """A run that was interrupted is taken up again by the same document: nobody else serves this data folder."""
    try:
        return client.submit(file.document, file.bundle)
    except Conflict as conflict:
        study = _same_study(client, file)
        if study is None:
            raise Conflict(
                conflict.detail,
                hint="give this one another name with --name, or `caviar up` and `caviar stop` the other",
                code=conflict.code,
            ) from conflict
    if study.state == "paused":
        study.resume()
    typer.echo(f"{study.name} was not finished: going on with it")
    return study


def _same_study(client: Client, file: StudyFile) -> Study | None:
    from caviar.domain.document import parse_study  # noqa: PLC0415  (loads the whole domain)

    name = file.document.get("name")
    if not isinstance(name, str):
        return None
    study = client.study(name)
    spec = dict(study.info.spec)
    wanted = parse_study(file.whole).to_document()
    return study if _without_seed(spec) == _without_seed(wanted) and not study.info.is_finished else None


def _without_seed(spec: dict[str, object]) -> dict[str, object]:
    """The service draws a seed where the document has none."""
    search = spec.get("search")
    if not isinstance(search, dict):
        return spec
    return {**spec, "search": {key: value for key, value in search.items() if key != "seed"}}


def _follow(client: Client, study: Study, folder: Path | None) -> int:
    console = Console()
    try:
        info = watch(study, console=console, check=client.check_server)
    except KeyboardInterrupt:
        typer.echo(_interrupted(study, folder), err=True)
        return INTERRUPTED
    print_report(console, study)
    if folder is not None:
        console.print("to see this again:", style="dim")
        console.print(f"  caviar up --data-dir {shlex.quote(str(folder))}", soft_wrap=True, highlight=False)
        console.print(f"  caviar show {info.name} --rounds    (or REST: http://127.0.0.1:8700/api/v1)", highlight=False)
    typer.echo(last_line(info))
    return FAILED if info.state == "failed" or info.best is None else 0


def last_line(info: StudyInfo) -> str:
    if info.best is None:
        return f"no trial of {info.name} finished with a value of {info.metric}"
    return f"best trial {best_text(info.metric, info.best)}"


def _interrupted(study: Study, folder: Path | None) -> str:
    if folder is None:
        return f"\ndetached: {study.name} goes on. `caviar watch {study.name}` follows it again."
    return f"\ninterrupted: {study.name} is kept in {folder}. The same `caviar run` goes on with it."
