import pytest

from caviar.client.ignore import DEFAULT_PATTERNS, is_ignored, parse_patterns


def ignored(path: str, *lines: str, is_folder: bool = False) -> bool:
    return is_ignored(path, is_folder=is_folder, patterns=parse_patterns(lines))


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a.pyc", "*.pyc"),
        ("deep/down/a.pyc", "*.pyc"),
        ("data/x.bin", "data/*.bin"),
        ("data/a/b/x.bin", "data/**/*.bin"),
        ("data/x.bin", "data/**/*.bin"),
        ("data/a/b", "data/**"),
        ("run1.log", "run[0-9].log"),
        ("runx.log", "run[!0-9].log"),
        ("a+b.txt", "a+b.txt"),
        ("notes.txt", "/notes.txt"),
        ("x[.txt", "x\\[.txt"),
        ("#notes", "\\#notes"),
        ("!important", "\\!important"),
        ("data", "[^a-c]ata"),
    ],
)
def test_a_pattern_leaves_out_what_it_names(path: str, pattern: str) -> None:
    assert ignored(path, pattern)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a.py", "*.pyc"),
        ("deep/data/x.bin", "data/*.bin"),
        ("data/a/x.bin", "data/*.bin"),
        ("deep/notes.txt", "/notes.txt"),
        ("data", "data/"),
        ("abc", "#abc"),
    ],
)
def test_a_pattern_leaves_in_what_it_does_not_name(path: str, pattern: str) -> None:
    assert not ignored(path, pattern)


def test_the_last_pattern_that_matches_decides() -> None:
    assert not ignored("keep.bin", "*.bin", "!keep.bin")
    assert ignored("keep.bin", "!keep.bin", "*.bin")


@pytest.mark.parametrize("folder", [".git", ".venv", "deep/__pycache__", "node_modules"])
def test_folders_that_are_never_code_are_left_out(folder: str) -> None:
    assert ignored(folder, *DEFAULT_PATTERNS, is_folder=True)
