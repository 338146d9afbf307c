"""`caviar label`: labels as the command line writes them."""

from collections.abc import Sequence

import typer

from caviar.client.study import Study


def labels_of(words: Sequence[str]) -> dict[str, str | None]:
    """`team=vision` sets one, `team-` takes it away. Raises BadParameter."""
    return dict(map(_label, words))


def tell_labels(study: Study) -> None:
    labels = " ".join(f"{key}={value}" for key, value in study.info.labels.items())
    typer.echo(f"{study.name}: {labels or 'no labels'}")


def _label(word: str) -> tuple[str, str | None]:
    key, equals, value = word.partition("=")
    if equals and key:
        return key, value
    if word.endswith("-") and len(word) > 1:
        return word[:-1], None
    raise typer.BadParameter(f"takes KEY=VALUE, or KEY- to take one away, not {word!r}")
