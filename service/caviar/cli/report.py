"""A study's results for people: the ranking, and the rounds with the bounds that moved. Readable at 80 columns."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from caviar.cli.listing import ranking_columns
from caviar.cli.output import Row
from caviar.cli.rounds import Move, RoundView, round_views
from caviar.client.models import Ranked, StudyInfo
from caviar.client.progress import count_text
from caviar.client.study import Study
from caviar.client.words import duration, number, params_text

MOVES = 3
ENDLESS = 10_000


def print_report(console: Console, study: Study, *, limit: int = 10, moves: int | None = MOVES) -> None:
    """`limit` rows of the ranking, and of each round the `moves` largest moves (None: all)."""
    info = study.info
    console.print()
    console.print(Text(f"{info.name} {info.state}: {count_text(info)}{_lasted(info)}", style="bold"))
    if info.state != "completed" and info.reason:
        console.print(Text(info.reason.message, style="red" if info.state == "failed" else "yellow"))
    console.print()
    print_ranking(console, info.metric, study.ranking(limit))
    if print_rounds(console, round_views(study.rounds()), moves):
        console.print(Text(f"all that moved: caviar show {info.name} --rounds", style="dim"))


def print_ranking(console: Console, metric: str, ranking: Sequence[Ranked]) -> None:
    if not ranking:
        return
    rows = [ranked.model_dump(mode="json") for ranked in ranking]
    wide = _ranking_table(metric, rows)
    fits = console.measure(wide, options=console.options.update_width(ENDLESS)).maximum <= console.width
    console.print(wide if fits else _narrow_ranking(metric, ranking))


def _ranking_table(metric: str, rows: Sequence[Row]) -> Table:
    table = _table("ranking")
    columns = ranking_columns(metric, rows)
    for column in columns:
        table.add_column(column.title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(column.text(row) for column in columns))
    return table


def _narrow_ranking(metric: str, ranking: Sequence[Ranked]) -> Table:
    """For configurations that don't fit side by side."""
    table = _table("ranking")
    table.add_column("trial", justify="right", no_wrap=True)
    table.add_column(metric, justify="right", no_wrap=True)
    table.add_column("round", justify="right", no_wrap=True)
    table.add_column("configuration")
    for ranked in ranking:
        place = "-" if ranked.round is None else str(ranked.round)
        table.add_row(f"#{ranked.number}", number(ranked.value), place, params_text(ranked.params))
    return table


def print_rounds(console: Console, views: Sequence[RoundView], moves: int | None) -> bool:
    """Whether something was left out. Searches without rounds (random, grid, ...) have nothing to show."""
    if len(views) < 2:
        return False
    for view in views:
        console.print(Text(view.title, style="bold", no_wrap=True, overflow="ellipsis"))
        if view.moves:
            console.print(_moves(view.moves[:moves]))
        rest = [move.parameter for move in view.moves[moves:]] if moves is not None else []
        if rest:
            console.print(Text(f"   also moved: {', '.join(rest)}", style="dim"))
        if moves is None and view.moves and view.stayed:
            console.print(Text(f"   unmoved: {', '.join(view.stayed)}", style="dim"))
    console.print()
    return moves is not None and any(len(view.moves) > moves for view in views)


def _moves(moves: Sequence[Move]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(width=1)
    table.add_column("parameter", no_wrap=True, style="cyan", overflow="ellipsis", max_width=20)
    table.add_column("moved", ratio=1)
    for move in moves:
        moved = Text.assemble(move.before, (" → ", "dim"), (move.after, "bold"))
        if move.why:
            moved.append(f"\n{move.why}", "dim")
        table.add_row("", move.parameter, moved)
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)


def _lasted(info: StudyInfo) -> str:
    if info.started_at is None or info.finished_at is None:
        return ""
    return f" in {duration((info.finished_at - info.started_at).total_seconds())}"
