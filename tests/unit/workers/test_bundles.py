import errno
import hashlib
import io
import os
import stat
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.workers.archives import Part, archive

from caviar_workers import bundles
from caviar_workers.bundles import BundleError, ensure_unpacked


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _written_by_zipfile(seekable: bool = True) -> bytes:
    buffer = io.BytesIO()
    target = buffer if seekable else _Stream(buffer)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("train.py", "def main(trial): ...\n")
        file.writestr("data/ä b.csv", "1,2\n" * 3000)
        file.writestr("data/zeros.bin", bytes(5 * 2**20), compress_type=zipfile.ZIP_STORED)
        file.writestr("empty.txt", "")
        file.mkdir("results")
        script = zipfile.ZipInfo("run.sh")
        script.external_attr = (stat.S_IFREG | 0o4755) << 16
        file.writestr(script, "#!/bin/sh\n")
    return buffer.getvalue()


class _Stream:
    """A target that can't go back, so that sizes are written behind the data."""

    def __init__(self, target: io.BytesIO) -> None:
        self.write, self.flush = target.write, target.flush


def _mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("seekable", [True, False])
def test_what_zipfile_writes_is_unpacked_whole(tmp_path, seekable):
    data = _written_by_zipfile(seekable)
    folder = ensure_unpacked(_digest(data), lambda _: data, tmp_path / "deep" / "root")
    assert folder == tmp_path / "deep" / "root" / hashlib.sha256(data).hexdigest()
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "train.py": b"def main(trial): ...\n",
        "data/ä b.csv": b"1,2\n" * 3000,
        "data/zeros.bin": bytes(5 * 2**20),
        "empty.txt": b"",
        "run.sh": b"#!/bin/sh\n",
    }
    assert (folder / "results").is_dir()


def test_of_a_files_mode_only_the_execute_bit_is_kept(tmp_path):
    data = _written_by_zipfile()
    folder = ensure_unpacked(_digest(data), lambda _: data, tmp_path)
    assert (_mode(folder / "run.sh"), _mode(folder / "train.py")) == (0o755, 0o644)


ODD = {
    "no entry at all": archive(),
    "a comment": archive(Part(), comment=b"hello"),
    "bytes before the first entry": archive(Part(), prefix=b"#!/usr/bin/env python3\n"),
    "a parent's entry after its child": archive(
        Part(name=b"a/b", mode=0), Part(name=b"a/", data=b"", mode=stat.S_IFDIR | 0o755)
    ),
    "names with dots and spaces": archive(Part(name=b"..a/b.. /...")),
    "no mode": archive(Part(mode=0)),
    "a small file that compresses well": archive(Part(data=b"a" * 500_000)),
}


@pytest.mark.parametrize("key", ODD)
def test_what_is_odd_but_harmless_is_unpacked(tmp_path, key):
    assert ensure_unpacked(_digest(ODD[key]), lambda _: ODD[key], tmp_path).is_dir()


def test_a_bundle_is_fetched_once(tmp_path):
    data, asked = _written_by_zipfile(), []

    def fetch(digest):
        asked.append(digest)
        return data

    first, second = (ensure_unpacked(_digest(data), fetch, tmp_path) for _ in range(2))
    assert first == second
    assert asked == [_digest(data)]


def test_slots_that_come_together_unpack_it_once(tmp_path):
    data, asked = _written_by_zipfile(), []
    together = threading.Barrier(8)

    def fetch(digest):
        asked.append(digest)
        return data

    def slot(_):
        together.wait()
        return ensure_unpacked(_digest(data), fetch, tmp_path)

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(slot, range(8)))
    assert len(folders) == len(asked) == 1


def test_a_waiting_slot_tries_itself_when_the_first_one_fails(tmp_path):
    data = _written_by_zipfile()
    with pytest.raises(ConnectionError):
        ensure_unpacked(_digest(data), _unreachable, tmp_path)
    assert ensure_unpacked(_digest(data), lambda _: data, tmp_path).is_dir()


def _unreachable(digest):
    raise ConnectionError(digest)


def test_a_file_is_taken_as_well_and_left_where_it_is(tmp_path):
    data = _written_by_zipfile()
    path = tmp_path / "download.zip"
    path.write_bytes(data)
    folder = ensure_unpacked(_digest(data), lambda _: path, tmp_path / "root")
    assert (folder / "train.py").is_file()
    assert path.read_bytes() == data


def test_what_a_killed_unpacker_left_is_cleared_away(tmp_path):
    data = _written_by_zipfile()
    left = tmp_path / f".{hashlib.sha256(data).hexdigest()}.unfinished"
    (left / "old").mkdir(parents=True)
    folder = ensure_unpacked(_digest(data), lambda _: data, tmp_path)
    assert not left.exists()
    assert not (folder / "old").exists()


def test_other_bytes_than_the_digests_are_refused_before_they_are_read(tmp_path):
    data = _written_by_zipfile()
    with pytest.raises(BundleError, match="another digest"):
        ensure_unpacked("sha256:" + "0" * 64, lambda _: data, tmp_path)


@pytest.mark.parametrize("digest", ["", "sha256:../../etc", "sha256:" + "A" * 64, "md5:" + "0" * 32, "0" * 64])
def test_a_digest_of_another_form_is_refused_before_anything_is_fetched(tmp_path, digest):
    with pytest.raises(BundleError, match="not a digest"):
        ensure_unpacked(digest, _unreachable, tmp_path)


def test_a_full_disk_is_the_nodes_fault(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(bundles.os, "fsync", full)
    data = _written_by_zipfile()
    with pytest.raises(BundleError, match=r"on this node: .*No space left") as caught:
        ensure_unpacked(_digest(data), lambda _: data, tmp_path)
    assert caught.value.infrastructure
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
