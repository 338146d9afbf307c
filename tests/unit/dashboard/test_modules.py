"""What holds for every module of the dashboard, said without a browser."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from caviar.api.dashboard import FOLDER

MODULES = sorted(FOLDER.rglob("*.js"))
LONGEST = 200
MARKUP = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|srcdoc)\b|new Function")
ELSEWHERE = re.compile(r"https?://(?!www\.w3\.org/2000/svg)")


def named(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def test_modules_are_found() -> None:
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_makes_no_markup_of_text_and_asks_nobody_else(path: Path) -> None:
    text = path.read_text()
    assert not MARKUP.search(text)
    assert not ELSEWHERE.search(text)
    assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_what_a_module_imports_is_there(path: Path) -> None:
    for wanted in re.findall(r'from "(\.[^"]+)"', path.read_text()):
        assert (path.parent / wanted).is_file()


def test_types_agree() -> None:
    """Skips where there is no TypeScript: `npm install --global typescript` brings it."""
    compiler = shutil.which("tsc")
    if compiler is None:
        pytest.skip("no tsc on the PATH")
    done = subprocess.run(
        [compiler, "-p", Path(__file__).parent], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout
