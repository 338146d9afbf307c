"""`show`, `best`, `trials`, `importance`, `compare`, `logs`, `export`: what came out."""

from pathlib import Path
from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir, Output, StudyName
from caviar.cli.formats import ExportFormat, Format

PANEL = "Results"

TrialState = Annotated[str | None, typer.Option(help="Only trials in this state.")]
OrderBy = Annotated[str | None, typer.Option(help="Such as `value` or `-params.lr`.")]
Filter = Annotated[str | None, typer.Option(help="Only trials for which this holds: params.lr > 1e-3 and round = 2.")]


def register(app: typer.Typer) -> None:
    for verb in (show, best, trials, importance, compare, logs, checkpoints, export):
        app.command(rich_help_panel=PANEL)(verb)


def show(
    study: StudyName,
    *,
    rounds: Annotated[bool, typer.Option("--rounds", help="All bounds that moved in each round.")] = False,
    forecast: Annotated[bool, typer.Option("--forecast", help="What is to come, and what more trials gain.")] = False,
    health: Annotated[bool, typer.Option("--health", help="What looks wrong, and what to do.")] = False,
    leaderboard: Annotated[bool, typer.Option("--leaderboard", help="The best with intervals and ties.")] = False,
    importance: Annotated[bool, typer.Option("--importance", help="Which parameters mattered.")] = False,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """Show a study: its state, its best trials, its rounds, and what can be said of it."""
    asked = {"forecast": forecast, "health": health, "leaderboard": leaderboard, "importance": importance}
    from caviar.cli.connect import connect
    from caviar.cli.show import show as show_study

    with connect(data_dir) as client:
        sections = [name for name, wanted in asked.items() if wanted]
        show_study(client.study(study), output, all_rounds=rounds, sections=sections)


def best(
    study: StudyName,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many.", min=1)] = 10,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """Print the best trials of a study, best first."""
    from caviar.cli.connect import connect
    from caviar.cli.listing import list_ranking

    with connect(data_dir) as client:
        list_ranking(client.study(study), limit, output)


def trials(
    study: StudyName,
    *,
    state: TrialState = None,
    order_by: OrderBy = None,
    filter: Filter = None,  # noqa: A002
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="How many at most.", min=1)] = None,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """List the trials of a study."""
    from caviar.cli.connect import connect
    from caviar.cli.listing import list_trials

    with connect(data_dir) as client:
        found = client.study(study).trials(state=state, order_by=order_by, filter=filter)
        list_trials(found, limit, output)


def importance(
    study: StudyName,
    method: Annotated[str, typer.Option(help="ped_anova or fanova.")] = "ped_anova",
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """Print which parameters mattered, and how sure that is."""
    from caviar.cli.connect import connect
    from caviar.cli.importance import importance as print_importance

    with connect(data_dir) as client:
        print_importance(client.study(study), method, output)


def logs(
    study: StudyName,
    number: Annotated[int, typer.Argument(help="The trial's number.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the trial ends.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print what a trial wrote to its stdout and stderr."""
    from caviar.cli.connect import connect
    from caviar.cli.logs import print_logs

    with connect(data_dir) as client:
        print_logs(client.study(study).trial(number), follow=follow)


def checkpoints(
    study: StudyName,
    number: Annotated[int | None, typer.Argument(help="Of this trial only.")] = None,
    *,
    state: Annotated[str | None, typer.Option(help="Only those that are kept, removing or removed.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many at most.", min=1, max=1000)] = 100,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """List checkpoints: what is kept, and what was removed and why."""
    from caviar.cli.connect import connect
    from caviar.cli.steering import list_checkpoints

    with connect(data_dir) as client:
        subject = client.study(study)
        found = subject.checkpoints(state=state, limit=limit) if number is None else subject.trial(number).checkpoints()
        list_checkpoints(found, output)


def export(
    study: StudyName,
    *,
    file: Annotated[Path | None, typer.Option("--file", help="Where to (default: standard output).")] = None,
    output: Annotated[
        ExportFormat | None, typer.Option("--output", "-o", help="Default: as FILE's name says, else csv.")
    ] = None,
    filter: Filter = None,  # noqa: A002
    state: TrialState = None,
    order_by: OrderBy = None,
    data_dir: DataDir = None,
) -> None:
    """Write the trials of a study, all or those of a filter, as CSV, JSON or Parquet."""
    from caviar.cli.connect import connect
    from caviar.cli.export import export as export_study

    with connect(data_dir) as client:
        export_study(client.study(study), file, output, filter=filter, state=state, order_by=order_by)


def compare(
    study: StudyName,
    numbers: Annotated[list[int], typer.Argument(help="The trials.", metavar="NUMBER...", min=0)],
    *,
    metric: Annotated[str | None, typer.Option(help="Another metric than the study's own.")] = None,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """Put trials side by side: what differs, and how they came on."""
    from caviar.cli.compare import compare as compare_trials
    from caviar.cli.connect import connect

    with connect(data_dir) as client:
        compare_trials(client.study(study), numbers, metric, output)
