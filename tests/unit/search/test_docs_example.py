"""What docs/search.md shows of the search in process runs, and gives what it says."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "search.md"


def test_the_examples_of_the_search_page_run():
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert examples
    for example in examples:
        names: dict[str, object] = {}
        exec(compile(example, str(PAGE), "exec"), names)
        search = names["search"]
        assert search.best.value < 0.2
        assert search.recommended.number in range(40)
