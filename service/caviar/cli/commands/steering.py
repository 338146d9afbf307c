"""`nudge`, `nudges`, `schedule-from`: changing a trial under way, and what is learned from it."""

from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir, Output, StudyName
from caviar.cli.formats import Format

PANEL = "Studies"


def register(app: typer.Typer) -> None:
    for verb in (nudge, nudges):
        app.command(rich_help_panel=PANEL)(verb)
    app.command("schedule-from", rich_help_panel=PANEL)(schedule_from)


def nudge(
    words: Annotated[list[str], typer.Argument(help="The study (unless only one runs), the trial, and the changes.",
                                               metavar="[STUDY] NUMBER NAME=VALUE...")],
    *,
    note: Annotated[str, typer.Option(help="Why; kept with the trial.")] = "",
    twin: Annotated[bool, typer.Option("--twin", help="Leave an untouched copy running, to see the effect.")] = False,
    data_dir: DataDir = None,
) -> None:  # fmt: skip
    """Change parameters of a running trial between two of its steps, such as: nudge 17 learning_rate=0.003."""
    from caviar.cli.connect import connect
    from caviar.cli.steering import nudge as nudge_trial

    with connect(data_dir) as client:
        nudge_trial(client, words, note, twin=twin)


def nudges(
    study: StudyName,
    number: Annotated[int | None, typer.Argument(help="Of this trial only.")] = None,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """List what was changed of trials under way: when, from what to what, by whom and why."""
    from caviar.cli.connect import connect
    from caviar.cli.steering import list_nudges

    with connect(data_dir) as client:
        subject = client.study(study)
        list_nudges(subject.nudges() if number is None else subject.trial(number).nudges(), output)


def schedule_from(
    study: StudyName,
    number: Annotated[int, typer.Argument(help="The trial that was nudged.")],
    *,
    trials: Annotated[int | None, typer.Option(help="How many trials the new study has.", min=1)] = None,
    name: Annotated[str | None, typer.Option(help="The new study's name (default: STUDY-schedule).")] = None,
    plateau: Annotated[
        float | None, typer.Option(help="Wait for so many steps without improvement, not for the same steps.")
    ] = None,
    launch: Annotated[bool, typer.Option("--launch", help="Submit it instead of printing it.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Turn the nudges of a trial into a study: the same schedule over many trials."""
    from caviar.cli.connect import connect
    from caviar.cli.steering import print_or_launch

    with connect(data_dir) as client:
        document = client.study(study).trial(number).schedule(name=name, trials=trials, plateau=plateau)
        print_or_launch(client, document, launch=launch)
