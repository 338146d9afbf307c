from caviar.cli.sparkline import sparkline


def test_a_sparkline_spans_its_own_range_and_ends_with_the_last_value() -> None:
    assert sparkline([8.0, 4.0, 1.0], 8) == "█▄▁"
    assert sparkline(list(map(float, range(100))), 4) == "▁▃▆█"
    assert sparkline([3.0], 8) == sparkline([3.0, 3.0], 8)[:1] == "▁"
    assert sparkline([], 8) == ""
