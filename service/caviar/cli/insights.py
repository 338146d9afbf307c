"""What is said of a study beside its trials, for `caviar show`: forecast, health, leaderboard. Fits 80 columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from caviar.cli.importance import print_importance
from caviar.cli.output import Column, Row, print_table
from caviar.client.outlook import cost_text, ends_text
from caviar.client.study import Study
from caviar.client.words import duration, number, params_text

Said = dict[str, Any]
SECTIONS: Final[Mapping[str, Callable[[Study], Any]]] = {
    "forecast": Study.forecast,
    "health": Study.health,
    "leaderboard": Study.leaderboard,
    "importance": Study.importance,
}


def asked_for(study: Study, names: Sequence[str]) -> Said:
    return {name: SECTIONS[name](study) for name in names}


def print_insights(console: Console, said: Said) -> None:
    for name, section in said.items():
        console.print()
        console.print(Text(name, style="bold"))
        _PRINTERS[name](console, section)


def forecast_lines(said: Said) -> list[str]:
    """Only what can be said."""
    lines = [f"{said['left']} of {said['left'] + said['ended']} trials left"]
    lines += [*filter(None, [ends_text(said)]), cost_text(said)]
    chances = [f"the top {each['top']:.0%}: {each['chance']:.0%}" for each in said["random_would_have_hit"]]
    lines.append(f"as many random draws would have hit {', '.join(chances)}")
    lines += [_gain(said["gain"])] if said["gain"] else ["too few trials have ended to say what more would gain"]
    if (stopping := said["stopping"]) is not None:
        saved = f"{duration(stopping['saved_seconds'])} ({stopping['saved_share']:.0%})"
        lines.append(f"stopping {stopping['stopped']} trials early saved {saved}")
    return lines


def _gain(gain: Said) -> str:
    cost = "" if gain["compute_seconds"] is None else f" for {duration(gain['compute_seconds'])} of compute"
    low, high = number(gain["range"]["low"]), number(gain["range"]["high"])
    chance = f"better the best with a chance of {gain['chance']:.0%}, by {number(gain['expected'])}"
    return f"the next {gain['trials']} trials{cost} {chance} ({low} to {high})"


def _forecast(console: Console, said: Said) -> None:
    for line in forecast_lines(said):
        console.print(Text(line), soft_wrap=not console.is_terminal)


def _health(console: Console, findings: Sequence[Said]) -> None:
    for each in findings:
        style = "yellow" if each["severity"] == "warning" else "cyan"
        line = Text.assemble((each["severity"], style), f" {each['message']}. {each['hint']}")
        console.print(line, soft_wrap=not console.is_terminal)
    if not findings:
        console.print("nothing looks wrong")


def _leaderboard(console: Console, board: Said) -> None:
    print_table(console, board["items"], LEADERBOARD_COLUMNS)
    if not board["repeated"]:
        console.print(Text("nothing was repeated with other seeds: nothing is known of the noise", style="dim"))
    if board["ground"] is not None:
        ground = board["ground"]
        said = f"the first stands on {ground['kind']} ground, by {ground['neighbours']} neighbours"
        console.print(Text(said, style="dim"))


def _interval(row: Row) -> str:
    return "-" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}"


LEADERBOARD_COLUMNS = (
    Column("place", lambda row: str(row["place"]), right=True),
    Column("trial", lambda row: f"#{row['number']}", right=True),
    Column("mean", lambda row: number(row["value"]), right=True),
    Column("90%", _interval, right=True),
    Column("seeds", lambda row: str(len(row["values"])), right=True),
    Column("params", lambda row: params_text(row["params"])),
)
_PRINTERS: Final[Mapping[str, Callable[[Console, Any], None]]] = {
    "forecast": _forecast,
    "health": _health,
    "leaderboard": _leaderboard,
    "importance": print_importance,
}
