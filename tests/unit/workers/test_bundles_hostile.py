"""Archives that mean harm: each is refused by name, and leaves nothing behind."""

import contextlib
import hashlib
import stat
import struct
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.workers.archives import Part, archive, deflated

from caviar_workers import bundles
from caviar_workers.bundles import BundleError, ensure_unpacked

BIG = b"\0" * (8 * 2**20)
GOOD = Part()

NAMES = {
    "absolute": (b"/etc/passwd", "is absolute"),
    "absolute folder": (b"/", "is absolute"),
    "parent": (b"../evil.py", "leads out"),
    "parent inside": (b"a/../../evil.py", "leads out"),
    "parent at the end": (b"a/..", "leads out"),
    "parent folder": (b"../", "leads out"),
    "backslash": (b"..\\evil.py", "backslash"),
    "backslash inside": (b"a\\b.py", "backslash"),
    "drive letter": (b"C:/evil.py", "is absolute"),
    "drive without a slash": (b"c:evil.py", "is absolute"),
    "share": (b"//host/share/x", "is absolute"),
    "empty": (b"", "empty part"),
    "dot": (b".", "empty part"),
    "dot inside": (b"a/./b", "empty part"),
    "double slash": (b"a//b", "empty part"),
    "folder of no name": (b"a//", "empty part"),
    "NUL": (b"train.py\0.txt", "control characters"),
    "newline": (b"a\nb", "control characters"),
    "escape sequence": (b"\x1b[2Jx", "control characters"),
    "C1 control": ("a\x9bb".encode(), "control characters"),
    "not UTF-8": (b"caf\xe9.py", "not UTF-8"),
    "overlong slash": (b"..\xc0\xaf..\xc0\xafx", "not UTF-8"),
    "surrogate": (b"\xed\xb0\x80", "not UTF-8"),
    "long part": (b"a" * 256, "too long"),
    "long name": (b"/".join([b"a" * 200] * 6), "too long"),
    "deep": (b"/".join([b"a"] * 33), "too deep"),
}

PAIRS = {
    "duplicate": (b"a.py", b"a.py", "comes twice"),
    "duplicate folder": (b"a/", b"a/", "comes twice"),
    "case": (b"Model.py", b"model.py", "case doesn't count"),
    "case of folders": (b"Lib/a.py", b"lib/b.py", "case doesn't count"),
    "sharp s": ("straße".encode(), b"STRASSE", "case doesn't count"),
    "accents composed and not": ("é.py".encode(), "e\u0301.py".encode(), "case doesn't count"),
    "file below a file": (b"a", b"a/b", "both a file and a folder"),
    "folder that is a file": (b"a/b", b"a", "both a file and a folder"),
    "folder entry that is a file": (b"a", b"a/", "both a file and a folder"),
}

KINDS = {
    "symbolic link": (stat.S_IFLNK, "is a link"),
    "named pipe": (stat.S_IFIFO, "named pipe"),
    "socket": (stat.S_IFSOCK, "socket"),
    "character device": (stat.S_IFCHR, "device"),
    "block device": (stat.S_IFBLK, "device"),
    "folder without a slash": (stat.S_IFDIR, "neither a plain file nor a folder"),
    "unknown kind": (0o070000, "neither a plain file nor a folder"),
}

BODIES = {
    "claims less than it holds": (Part(size=3), "more than the 3 bytes it claims"),
    "claims more than it holds": (Part(size=50), "instead of the 50"),
    "bomb": (Part(data=BIG), "as bombs are"),
    "bomb that claims to be small": (Part(data=BIG, size=10), "more than the 10 bytes"),
    "wrong checksum": (Part(crc=1), "checksum"),
    "wrong checksum of nothing": (Part(data=b"", crc=1), "checksum"),
    "stored, claims less": (Part(deflate=False, size=2), "more than the 2 bytes"),
    "stored, claims more": (Part(deflate=False, size=99), "instead of the 99"),
    "garbage for deflate": (Part(raw=b"\xff" * 30), "damaged"),
    "deflate cut off": (Part(data=b"x" * 99, raw=deflated(bytes(range(99)))[:40]), "cut off"),
    "deflate with a tail": (Part(raw=deflated(GOOD.data) + b"hidden"), "bytes behind its end"),
    "deflate of nothing": (Part(raw=b""), "cut off"),
    "packed size beyond the directory": (Part(packed_size=10_000), "overlaps"),
    "encrypted": (Part(flags=1), "encrypted"),
    "strongly encrypted": (Part(flags=0x40), "encrypted"),
    "masked headers": (Part(flags=0x2000), "encrypted"),
    "patch data": (Part(flags=0x20), "a patch"),
    "bzip2": (Part(method=12), "method 12"),
    "lzma": (Part(method=14), "method 14"),
    "zstandard": (Part(method=93), "method 93"),
    "another name in its header": (Part(local_name=b"evil.py!"), "called otherwise"),
    "longer name in its header": (Part(local_name=b"../../../evil.py"), "called otherwise"),
    "offset in the middle of nowhere": (Part(offset=3), "not where the directory says"),
    "offset behind the file": (Part(offset=2**31), "not where the directory says"),
    "on another disk": (Part(disk=1), "directory is damaged"),
    "a folder with contents": (Part(name=b"a/", mode=stat.S_IFDIR), "folder that holds bytes"),
}


def _overlapping() -> bytes:
    """A quine in the manner of Fifield's bomb: the first entry's bytes hold the second entry whole."""
    inner = archive(Part(name=b"b", data=b"x" * 100, deflate=False))
    local = inner[: inner.index(b"PK\x01\x02")]
    first = Part(name=b"a", data=local, deflate=False)
    second = Part(name=b"b", data=b"x" * 100, raw=b"", deflate=False, offset=30 + 1, packed_size=100)
    return archive(first, second)


WHOLE = {
    "nothing": (b"", "not a zip"),
    "text": (b"#!/bin/sh\nrm -rf /\n", "not a zip"),
    "tar": (b"ustar" * 200, "not a zip"),
    "end record cut off": (archive(GOOD)[:-1], "not a zip"),
    "bytes behind the end": (archive(GOOD) + b"tail", "directory is damaged"),
    "bytes before the beginning": (b"MZ" + archive(GOOD), "directory is damaged"),
    "two entries of the same bytes": (archive(GOOD, Part(name=b"train.py", offset=0)), "overlaps"),
    "entries inside each other": (_overlapping(), "overlaps"),
    "more entries than told": (archive(GOOD, Part(name=b"b"), here=1, entries=1), "more entries than it claims"),
    "fewer entries than told": (archive(GOOD, here=2, entries=2), "ends too early"),
    "too many entries": (archive(*[Part(name=b"%d" % k, data=b"") for k in range(10_001)]), "10001 entries"),
    "told entries beyond the limit": (archive(GOOD, here=60_000, entries=60_000), "60000 entries"),
    "ZIP64": (archive(GOOD, here=0xFFFF, entries=0xFFFF), "ZIP64"),
    "ZIP64 offset": (archive(GOOD, start=0xFFFFFFFF), "ZIP64"),
    "several disks": (archive(GOOD, disk=1), "several disks"),
    "directory elsewhere": (archive(GOOD, start=0), "directory is damaged"),
    "directory longer than the file": (archive(GOOD, size=10_000), "directory is damaged"),
    "comment longer than told": (archive(GOOD, comment=b"long", comment_length=1), "directory is damaged"),
}

CORPUS = {
    **{f"name: {key}": (archive(Part(name=name, data=b"", mode=0)), why) for key, (name, why) in NAMES.items()},
    **{
        f"pair: {key}": (archive(*(Part(name=n, data=b"", mode=0) for n in (first, second))), why)
        for key, (first, second, why) in PAIRS.items()
    },
    **{f"kind: {key}": (archive(GOOD, Part(name=b"b", mode=kind | 0o777)), why) for key, (kind, why) in KINDS.items()},
    **{f"body: {key}": (archive(part), why) for key, (part, why) in BODIES.items()},
    **{f"whole: {key}": case for key, case in WHOLE.items()},
}


def _unpack(data: bytes, root):
    return ensure_unpacked("sha256:" + hashlib.sha256(data).hexdigest(), lambda _: data, root)


@pytest.mark.parametrize("key", CORPUS)
def test_it_is_refused_and_leaves_nothing_behind(tmp_path, key):
    data, why = CORPUS[key]
    root = tmp_path / "bundles"
    with pytest.raises(BundleError, match=why) as caught:
        _unpack(data, root)
    assert not caught.value.infrastructure
    assert str(caught.value).startswith("bundle sha256:")
    assert [path.name for path in root.iterdir() if not path.name.endswith(".lock")] == []
    assert [path.name for path in tmp_path.iterdir()] == ["bundles"]


def test_the_corpus_is_large():
    assert len(CORPUS) >= 80


def test_the_sum_of_all_files_is_counted_while_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles, "MAX_UNPACKED", 2**20)
    data = archive(*(Part(name=b"%d" % k, data=bytes(700_000), deflate=False) for k in range(2)))
    with pytest.raises(BundleError, match="more than 1 MB when unpacked"):
        _unpack(data, tmp_path)


def test_an_archive_larger_than_the_limit_is_not_even_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles, "MAX_PACKED", 2**20)
    with pytest.raises(BundleError, match="larger than 1 MB"):
        _unpack(bytes(2**20 + 1), tmp_path)


VALID = archive(
    Part(name=b"lib/", data=b"", mode=stat.S_IFDIR | 0o755),
    Part(name=b"lib/a.py", data=b"x = 1\n" * 50),
    Part(name=b"run", deflate=False, mode=stat.S_IFREG | 0o755),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_an_archive_with_changed_bytes_is_refused_or_stays_inside(tmp_path, changes):
    data = bytearray(VALID)
    for at, value in changes:
        data[at] = value
    root = tmp_path / "bundles"
    try:
        folder = _unpack(bytes(data), root)
    except BundleError:
        pass
    else:
        assert folder.parent == root
        assert all(path.is_file() or path.is_dir() for path in folder.rglob("*") if not path.is_symlink())
        assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert [path.name for path in tmp_path.iterdir()] == ["bundles"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(VALID) - 1), st.integers(0, len(VALID)))
def test_an_archive_with_a_piece_cut_out_is_refused(tmp_path, start, end):
    data = VALID[:start] + VALID[end:]
    if data != VALID and start <= end:
        with pytest.raises(BundleError):
            _unpack(data, tmp_path)


def _peak(data: bytes, root, fetched) -> int:
    """Bytes that unpacking took beside the archive itself, which lies in a file."""
    fetched.write_bytes(data)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    tracemalloc.start()
    try:
        with contextlib.suppress(BundleError):
            ensure_unpacked(digest, lambda _: fetched, root)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("group", ["name", "pair", "kind", "body", "whole"])
def test_none_of_them_takes_more_memory_than_a_plain_archive_may(tmp_path, group):
    for key, (data, _) in CORPUS.items():
        if key.startswith(group):
            assert _peak(data, tmp_path / "bundles", tmp_path / "fetched") < 12 * 2**20, key


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (1_000_000 % 65_536, "at most 10000"),
        (0xFFFF, "ZIP64"),
        (1, "directory is damaged"),
        (9_999, "directory is dam"),
    ],
)
def test_a_million_entries_are_not_even_read(tmp_path, told, why):
    """Real ones: the directory alone is 52 MB."""
    entry = archive(Part(name=b"a", data=b"", deflate=False))[31:-22]
    data = archive(Part(name=b"a", data=b"", deflate=False))[:31] + entry * 1_000_000
    data += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(entry) * 1_000_000, 31, 0)
    with pytest.raises(BundleError, match=why):
        _unpack(data, tmp_path / "one")
    assert _peak(data, tmp_path / "two", tmp_path / "fetched") < 4 * 2**20


def test_an_archive_in_an_archive_stays_packed(tmp_path):
    inner = archive(Part(name=b"deep.bin", data=BIG))
    folder = _unpack(archive(GOOD, Part(name=b"inner.zip", data=inner, deflate=False)), tmp_path)
    assert (folder / "inner.zip").read_bytes() == inner
    assert sorted(path.name for path in folder.iterdir()) == ["inner.zip", "train.py"]
