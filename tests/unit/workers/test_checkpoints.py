"""Checkpoints in a store: whole or not there, wherever the writing ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caviar_workers.checkpoints.manifest import DATA, MANIFEST, Kept, Reference, UnusableCheckpoint
from caviar_workers.checkpoints.removals import CheckpointRemoved, Removals
from caviar_workers.checkpoints.shelf import Shelf
from caviar_workers.checkpoints.store import FolderStore, Store, UnreachableStore, folder_of, open_store
from caviar_workers.protocol import Removal, Removed
from caviar_workers.trial import Nudge, Trial

NAMES = st.text("abcdefgh", min_size=1, max_size=4)
TREES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=2).map(tuple), st.binary(max_size=2_000), max_size=5)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store") if request.param == "folder" else f"memory://{tmp_path.name}")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.npz"
    path.write_bytes(b"weights" * 1000)
    return path


def reference(kept: Kept, step: float = 3.0) -> Reference:
    return Reference(kept.uri, step, kept.digest)


def test_a_file_comes_back_under_its_name(store: Store, model: Path, tmp_path: Path) -> None:
    kept = store.put(model, "trial/3-a", 3.0)
    assert kept.size == 7_000
    found = store.fetch(reference(kept), tmp_path / "restored")
    assert (found.name, found.read_bytes()) == ("model.npz", model.read_bytes())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(tree=TREES, number=st.integers(0, 10**9))
def test_a_folder_comes_back_as_it_was(
    store: Store, tmp_path: Path, tree: dict[tuple[str, ...], bytes], number: int
) -> None:
    source = tmp_path / f"source-{number}-{time.monotonic_ns()}"
    source.mkdir()
    for parts, data in tree.items():
        path = source.joinpath(*(f"{part}.d" for part in parts[:-1]), parts[-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    kept = store.put(source, f"trial/{source.name}", 1.0)
    found = store.fetch(reference(kept), tmp_path / f"into-{source.name}")
    there = {path.relative_to(source): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    back = {path.relative_to(found): path.read_bytes() for path in found.rglob("*") if path.is_file()}
    assert back == there


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 6_999), change=st.sampled_from(["flip", "cut", "grow", "manifest"]))
def test_what_was_changed_is_not_used(tmp_path: Path, model: Path, place: int, change: str) -> None:
    store = FolderStore(tmp_path / "store")
    kept = store.put(model, f"trial/{time.monotonic_ns()}", 3.0)
    folder = folder_of(kept.uri)
    file = folder / (MANIFEST if change == "manifest" else f"{DATA}/model.npz")
    data = file.read_bytes()
    place %= len(data)
    changed = {"cut": data[:place], "grow": data + b"x"}.get(
        change, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    )
    file.write_bytes(changed)
    with pytest.raises(UnusableCheckpoint):
        store.fetch(reference(kept), tmp_path / "into")


KILLED = """
import os, sys
from pathlib import Path
from caviar_workers.checkpoints import store
left = int(sys.argv[3])
def counted(call):
    def wrapper(*args, **kwargs):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return call(*args, **kwargs)
    return wrapper
os.fsync = counted(os.fsync)
store.copy_hashing = counted(store.copy_hashing)
Path.rename = counted(Path.rename)
store.FolderStore(Path(sys.argv[1])).put(Path(sys.argv[2]), "trial/4-new", 4.0)
"""


@pytest.mark.parametrize("boundary", range(10))
def test_a_process_killed_while_it_writes_leaves_the_old_one_and_no_half_of_a_new_one(
    tmp_path: Path, model: Path, boundary: int
) -> None:
    store = FolderStore(tmp_path / "store")
    old = store.put(model, "trial/3-old", 3.0)
    argv = [sys.executable, "-c", KILLED, str(tmp_path / "store"), str(model), str(boundary)]
    ended = subprocess.run(argv, check=False, env={**os.environ}).returncode
    assert ended in (0, 9)
    new = tmp_path / "store" / "trial" / "4-new"
    assert store.fetch(reference(old), tmp_path / "old").read_bytes() == model.read_bytes()
    if new.exists():
        files = json.loads((new / MANIFEST).read_bytes())["files"]
        assert [(new / DATA / name).stat().st_size for name, _, _ in files] == [7_000]
    else:
        assert ended == 9


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path / "store")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(model, "trial/3-a", 3.0)
    assert list((tmp_path / "store" / "trial").iterdir()) == []


def test_nothing_outside_the_store_is_removed(store: Store, model: Path, tmp_path: Path) -> None:
    kept = store.put(model, "trial/3-a", 3.0)
    for foreign in (tmp_path.as_uri(), f"{store.url}/../x", f"{store.url}/", store.url, f"{store.url}/%2e%2e/x"):
        with pytest.raises(ValueError, match="does not lie in"):
            store.remove(foreign)
    store.remove(kept.uri)
    store.remove(kept.uri)
    with pytest.raises(UnusableCheckpoint):
        store.fetch(reference(kept), tmp_path / "into")


class Told:
    def __init__(self) -> None:
        self.saved_ones: list[tuple[float, Kept]] = []

    def saved(self, step: float, kept: Kept, at: float) -> None:
        self.saved_ones.append((step, kept))

    def report(self, report: object) -> None: ...

    def check(self) -> None: ...

    def pausing(self) -> bool:
        return False

    def take_nudges(self) -> list[Nudge]:
        return []

    def nudged(self, nudge: str, step: float) -> None: ...


def made(tmp_path: Path, attempt: str, told: Told, found: list[Reference]) -> Trial:
    folder = tmp_path / attempt
    shelf = Shelf(str(tmp_path / "store"), "trial-7", told, found, folder)
    return Trial(told, params={}, number=7, id="trial-7", options={}, folder=folder, shelf=shelf)


def test_the_next_attempt_goes_on_after_the_newest_whole_checkpoint(tmp_path: Path) -> None:
    told = Told()
    first = made(tmp_path, "a", told, [])
    assert first.restore() is None
    for step in first.steps(3):
        path = first.folder / "model"
        path.write_text(f"after {step}")
        first.checkpoint(path)
    newest_first = [reference(kept, step) for step, kept in reversed(told.saved_ones)]
    second = made(tmp_path, "b", told, newest_first)
    found = second.restore()
    assert found is not None
    assert found.read_text() == "after 3"
    assert list(second.steps(5)) == [4, 5]
    (folder_of(newest_first[0].uri) / DATA / "model").write_text("after x")
    third = made(tmp_path, "c", told, newest_first)
    assert (third.restore() or Path()).read_text() == "after 2"
    assert list(third.steps(5)) == [3, 4, 5]


def test_code_that_restores_nothing_begins_at_the_beginning(tmp_path: Path) -> None:
    told = Told()
    first = made(tmp_path, "a", told, [])
    model = tmp_path / "model"
    model.touch()
    first.checkpoint(model, step=3)
    [(_, kept)] = told.saved_ones
    assert list(made(tmp_path, "b", told, [reference(kept)]).steps(2)) == [1, 2]


def test_removals_are_told_until_they_were_heard(tmp_path: Path, model: Path) -> None:
    store = FolderStore(tmp_path / "store")
    kept = store.put(model, "trial/3-a", 3.0)
    inbox: SimpleQueue[CheckpointRemoved] = SimpleQueue()
    removals = Removals(store.url, inbox.put)
    removals.order([Removal(id="1", uri=kept.uri), Removal(id="2", uri="file:///etc/passwd")])
    removals.order([Removal(id="1", uri=kept.uri)])
    removals.done(inbox.get(timeout=30))
    removals.done(inbox.get(timeout=30))
    told = [Removed.model_validate(each) for each in removals.to_tell()]
    assert [(each.id, each.problem is None) for each in told] == [("1", True), ("2", False)]
    assert removals.to_tell()
    removals.told()
    assert removals.to_tell() == []
    removals.close()
    assert not folder_of(kept.uri).exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [("s3://bucket/caviar", "pip install s3fs"), ("nowhere://bucket/caviar", "can't be kept at nowhere://")],
)
def test_a_store_that_nothing_here_can_speak_to_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    for name in ("s3fs", "botocore"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnreachableStore, match=said):
        open_store(url)
