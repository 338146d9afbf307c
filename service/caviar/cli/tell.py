"""One line about a study."""

import typer

from caviar.client.progress import best_text, count_text, state_text
from caviar.client.study import Study


def tell_state(study: Study) -> None:
    info = study.refresh()
    best = f", best {best_text(info.metric, info.best)}" if info.best else ""
    typer.echo(f"{state_text(info)}; {count_text(info)}{best}")
