import io

from rich.console import Console
from tests.unit.cli.answers import ROUNDS

from caviar.cli.report import print_ranking, print_rounds
from caviar.cli.rounds import round_views
from caviar.client.models import Ranked, RoundInfo

VIEWS = round_views([RoundInfo.model_validate(each) for each in ROUNDS])


def printed(width: int = 80) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=width), out


def test_the_first_round_is_the_whole_space_and_moves_nothing() -> None:
    assert VIEWS[0].title == "round 0, from trial #0: the whole space"
    assert VIEWS[0].moves == ()


def test_a_round_tells_its_moves_from_the_largest_to_the_smallest() -> None:
    first, second = VIEWS[1].moves
    assert (first.parameter, first.before, first.after) == ("learning_rate", "0.0001..1", "0.00312..0.0517")
    assert first.why == "the best 5 of 18 lie in 0.004..0.03"
    assert (second.parameter, second.why) == ("optimizer", "4 of the best 5 use adam")
    assert VIEWS[1].stayed == ("layers",)


def test_a_new_box_is_compared_with_the_whole_space() -> None:
    opened = RoundInfo.model_validate({**ROUNDS[1], "index": 2, "box": 1})
    view = round_views([RoundInfo.model_validate(each) for each in ROUNDS] + [opened])[2]
    assert view.moves[0].before == "0.0001..1"


def test_small_moves_are_only_named() -> None:
    console, out = printed()
    assert print_rounds(console, VIEWS, 1)
    assert "also moved: optimizer" in out.getvalue()
    assert "sgd" not in out.getvalue()


def test_all_moves_can_be_seen() -> None:
    console, out = printed()
    assert not print_rounds(console, VIEWS, None)
    assert "sgd 50% adam 50% → sgd 25% adam 75%" in out.getvalue()
    assert "unmoved: layers" in out.getvalue()


def test_a_search_without_rounds_shows_none() -> None:
    console, out = printed()
    assert not print_rounds(console, VIEWS[:1], 3)
    assert out.getvalue() == ""


def ranking(parameters: int) -> list[Ranked]:
    params = {f"parameter_{index}": 0.123456 for index in range(parameters)}
    return [Ranked(number=number, value=0.5, params=params, round=1) for number in (3, 1234)]


def test_few_parameters_are_columns() -> None:
    console, out = printed()
    print_ranking(console, "loss", ranking(3))
    assert "parameter_0   parameter_1   parameter_2" in out.getvalue()


def test_many_parameters_are_folded_and_nothing_is_cut() -> None:
    console, out = printed()
    print_ranking(console, "loss", ranking(9))
    text = out.getvalue()
    assert all(f"parameter_{index}=0.1235" in text for index in range(9))
    assert "…" not in text
    assert all(len(line) <= 80 for line in text.splitlines())
