"""What users send is bytes to the service and to the agent: no module of theirs can unpack, unpickle or run it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import caviar
import caviar_workers

SERVICE = [Path(caviar.__file__).parent / each for each in ("domain", "search", "storage", "engine", "insights", "api")]
WORKERS = Path(caviar_workers.__file__).parent
AT_HOME = {WORKERS / "runner", WORKERS / "trainers"}
"""Where training code runs: in the child, with what is ours to offer it."""
OURS = {"warm.py": {"import_module"}}
"""What is called with names that stand in the source."""

UNPICKLE = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNPACK = {"zipfile", "tarfile", "zipimport"}
RUN = {"runpy", "code", "codeop", "imp", "pty"}
CALLS = {"eval", "exec", "compile", "__import__", "import_module", "unpack_archive", "os.system", "os.popen"}


def sources(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
            yield from (name.name for name in node.names if name.name in CALLS)


def called(tree: ast.AST) -> Iterator[str]:
    """Names of functions that are called, but for re.compile, and what is asked for by keyword."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield function.id
            elif isinstance(function, ast.Attribute) and not _is_of_re(function.value):
                yield from (each for each in (function.attr, ast.unparse(function)) if each != "compile")
            yield from (f"{word.arg}={ast.unparse(word.value)}" for word in node.keywords)


def _is_of_re(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "re"


def findings(path: Path, modules: set[str]) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = [each for each in called(tree) if each in CALLS or each in ("shell=True", "allow_pickle=True")]
    found = [each for each in imported(tree) if each in modules | CALLS] + words
    return [each for each in found if each not in OURS.get(path.name, ())]


@pytest.mark.parametrize("path", sources(*SERVICE), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_service_can_not_unpack_unpickle_or_run_what_it_is_sent(path: Path) -> None:
    assert findings(path, UNPICKLE | UNPACK | RUN) == []


OF_THE_AGENT = [path for path in sources(WORKERS) if not AT_HOME & set(path.parents)]


@pytest.mark.parametrize("path", OF_THE_AGENT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_agent_and_its_slots_can_not_unpickle_or_run_it_either(path: Path) -> None:
    assert findings(path, UNPICKLE | RUN) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("from zipfile import ZipFile", ["zipfile"]),
        ("from importlib import import_module", ["import_module"]),
        ("def f():\n    eval('1')", ["eval"]),
        ("np.load(x, allow_pickle=True)", ["allow_pickle=True"]),
        ("subprocess.run(x, shell=True)", ["shell=True"]),
        ("os.system(x)", ["os.system"]),
        ("platform.system()", []),
        ("re.compile('x'); json.loads('1')", []),
    ],
)
def test_the_search_finds_what_it_looks_for(tmp_path: Path, source: str, found: list[str]) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert findings(path, UNPICKLE | UNPACK | RUN) == found
