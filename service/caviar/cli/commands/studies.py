"""`run`, `submit`, `preview`, `ls`, `watch`, `pause`, `resume`, `stop`, `extend`, `label`, `note`: a study's life."""

from typing import Annotated

import typer

from caviar.cli.commands.options import DataDir, Name, Output, StudyFile, StudyName
from caviar.cli.formats import Format

PANEL = "Studies"

Number = Annotated[int | None, typer.Argument(help="A trial's number: that one only.")]


def register(app: typer.Typer) -> None:
    for verb in (run, submit, preview, ls, watch, pause, resume, stop, extend, label, note):
        app.command(rich_help_panel=PANEL)(verb)


def run(study: StudyFile, data_dir: DataDir = None, name: Name = None) -> int:
    """Submit a study, follow it to its end and print the results; serves for as long if no server is configured."""
    from caviar.cli.run import run as run_study

    return run_study(study, data_dir, name)


def submit(
    study: StudyFile,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it to its end.")] = False,
    data_dir: DataDir = None,
    name: Name = None,
) -> int:
    """Submit a study with its code."""
    from caviar.cli.run import submit as submit_study

    return submit_study(study, data_dir, name, follow=watch)


def preview(study: StudyFile, data_dir: DataDir = None, output: Output = Format.TABLE) -> None:
    """Show what a study would sample, without storing it."""
    from caviar.cli.preview import preview as preview_study

    preview_study(study, data_dir, output)


def ls(
    *,
    state: Annotated[str | None, typer.Option(help="Only studies in this state.")] = None,
    search: Annotated[str | None, typer.Option(help="Words in the name, a label or the notes.")] = None,
    label: Annotated[str | None, typer.Option(help="KEY=VALUE that they have.")] = None,
    order_by: Annotated[
        str | None, typer.Option(help="name, best, ended, compute_seconds, ...; - before it for descending.")
    ] = None,
    data_dir: DataDir = None,
    output: Output = Format.TABLE,
) -> None:
    """List the studies: how far they are, their best, what they cost and when they end."""
    from caviar.cli.connect import connect
    from caviar.cli.listing import list_studies

    with connect(data_dir) as client:
        list_studies(client, output, state=state, search=search, label=label, order_by=order_by)


def watch(study: StudyName, data_dir: DataDir = None) -> int:
    """Follow a study to its end. Ctrl-C detaches and leaves it running."""
    from caviar.cli.connect import connect
    from caviar.cli.run import follow_to_end

    with connect(data_dir) as client:
        return follow_to_end(client, client.study(study))


def pause(
    study: StudyName,
    number: Number = None,
    *,
    running: Annotated[bool, typer.Option("--running", help="Of a study: pause its running trials as well.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Of a trial: even if it has no checkpoint and must begin again.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Start no more trials of a study until it is resumed, or free the place of one trial."""
    from caviar.cli.connect import connect
    from caviar.cli.steering import pause_trial
    from caviar.cli.tell import tell_state

    with connect(data_dir) as client:
        subject = client.study(study)
        if number is not None:
            pause_trial(subject.trial(number), restart=restart)
            return
        subject.pause(running=running)
        tell_state(subject)


def resume(study: StudyName, number: Number = None, data_dir: DataDir = None) -> None:
    """Go on with a paused study, or with one paused trial."""
    from caviar.cli.connect import connect
    from caviar.cli.steering import resume_trial
    from caviar.cli.tell import tell_state

    with connect(data_dir) as client:
        subject = client.study(study)
        if number is not None:
            resume_trial(subject.trial(number))
            return
        subject.resume()
        tell_state(subject)


def stop(study: StudyName, data_dir: DataDir = None) -> None:
    """End a study and its running trials."""
    _act(study, "stop", data_dir)


def extend(
    study: StudyName,
    trials: Annotated[int | None, typer.Option(help="The new number of trials in all.", min=1)] = None,
    parallel: Annotated[int | None, typer.Option(help="How many may run at once.", min=1)] = None,
    seconds: Annotated[float | None, typer.Option(help="The new limit on its duration.", min=0.0)] = None,
    data_dir: DataDir = None,
) -> None:
    """Give a study more trials, more at once, or more time, also while it runs."""
    from caviar.cli.connect import connect
    from caviar.cli.tell import tell_state

    if trials is None and parallel is None and seconds is None:
        raise typer.BadParameter("give at least one of --trials, --parallel, --seconds")
    with connect(data_dir) as client:
        subject = client.study(study)
        subject.extend(trials=trials, parallel=parallel, seconds=seconds)
        tell_state(subject)


def label(
    study: StudyName,
    labels: Annotated[list[str], typer.Argument(help="What to set; KEY- takes one away.", metavar="KEY=VALUE...")],
    data_dir: DataDir = None,
) -> None:
    """Set labels of a study, to find it by."""
    from caviar.cli.annotating import labels_of, tell_labels
    from caviar.cli.connect import connect

    with connect(data_dir) as client:
        subject = client.study(study)
        subject.annotate(labels=labels_of(labels))
        tell_labels(subject)


def note(
    study: StudyName,
    text: Annotated[str | None, typer.Argument(help="What the notes shall be; nothing prints them.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Keep notes with a study, or print them."""
    from caviar.cli.connect import connect

    with connect(data_dir) as client:
        subject = client.study(study)
        if text is not None:
            subject.annotate(notes=text)
        elif subject.info.notes:
            typer.echo(subject.info.notes)


def _act(study: str, action: str, data_dir: DataDir) -> None:
    from caviar.cli.connect import connect
    from caviar.cli.tell import tell_state

    with connect(data_dir) as client:
        subject = client.study(study)
        getattr(subject, action)()
        tell_state(subject)
