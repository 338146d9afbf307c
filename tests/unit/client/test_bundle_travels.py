"""What is packed here can be unpacked by an agent, and is told early where it can't."""

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from caviar.client import bundle as bundles
from caviar.client.bundle import pack_files, pack_folder
from caviar.domain.errors import InvalidInput, TooLarge
from caviar_workers.bundles import ensure_unpacked


def _unpacked(bundle: bundles.Bundle, root: Path) -> dict[str, bytes]:
    folder = ensure_unpacked(bundle.digest, lambda _: bundle.content, root)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_arrives_as_it_left(tmp_path: Path) -> None:
    files = {
        "train.py": b"def main(trial): ...\n",
        "lib/ä ö.py": b"",
        "zeros.bin": bytes(9 * 2**20),
        "noise.bin": os.urandom(300_000),
        "deep/er/still/x": b"1",
    }
    code = tmp_path / "code"
    for name, data in files.items():
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_bytes(data)
    assert _unpacked(pack_folder(code), tmp_path / "bundles") == files


def test_what_compresses_too_well_is_stored_and_the_rest_is_not(tmp_path: Path) -> None:
    bundle = pack_files({"zeros": bytes(3 * 2**20), "text": b"abc\n" * 20})
    kinds = {entry.filename: entry.compress_type for entry in zipfile.ZipFile(io.BytesIO(bundle.content)).infolist()}
    assert kinds == {"zeros": zipfile.ZIP_STORED, "text": zipfile.ZIP_DEFLATED}
    assert _unpacked(bundle, tmp_path)["text"] == b"abc\n" * 20


def test_the_execute_bit_travels_and_counts_for_the_digest(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    script = code / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o640)
    plain = pack_folder(code)
    script.chmod(0o740)
    executable = pack_folder(code)
    folder = ensure_unpacked(executable.digest, lambda _: executable.content, tmp_path / "bundles")
    assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == 0o755
    assert executable.digest != plain.digest


def test_the_order_in_which_a_file_system_lists_files_does_not_count() -> None:
    names = ["b.py", "a.py", "c/d.py"]
    digests = {pack_files(dict.fromkeys(order, b"1")).digest for order in (names, names[::-1])}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Model.py", "model.py"], "case doesn't count"),
        (["Lib/a.py", "lib/b.py"], "case doesn't count"),
        (["a\\b.py"], "backslash"),
        (["C:x.py"], "drive letter"),
        (["a\nb"], "control character"),
        (["caf\udce9.py"], "not UTF-8"),
        (["/".join(["a" * 200] * 6)], "too long"),
        (["/".join(["a"] * 33)], "too deep"),
    ],
)
def test_names_that_can_not_travel_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        pack_files(dict.fromkeys(names, b""))


def test_all_names_that_can_not_travel_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        pack_files(dict.fromkeys(["a\\b", "x\\y", "A.py", "a.py"], b""))
    assert len(caught.value.errors) == 3


def test_the_largest_files_are_told_largest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 2**20)
    for k in range(8):
        (tmp_path / f"{k}.bin").write_bytes(bytes(k * 2**18))
    with pytest.raises(TooLarge) as caught:
        pack_folder(tmp_path)
    assert str(caught.value.hint).endswith(
        "the largest are 7.bin (1.8 MB), 6.bin (1.5 MB), 5.bin (1.2 MB), 4.bin (1.0 MB), 3.bin (0.8 MB)"
    )


def test_a_folder_taken_back_from_the_defaults_is_packed(tmp_path: Path) -> None:
    for name in (".caviarignore", ".config/settings", "node_modules/x.js", "data/keep.csv", "data/drop.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("!.config/\ndata/*\n!data/keep.csv\n# a comment\n")
    assert pack_folder(tmp_path).names == (".caviarignore", ".config/settings", "data/keep.csv")


def test_a_pipe_is_refused_instead_of_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInput, match="pipe is not a plain file"):
        pack_folder(tmp_path)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("missing")
    with pytest.raises(InvalidInput, match="gone is not a plain file"):
        pack_folder(tmp_path)


def test_an_ignored_link_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("/")
    (tmp_path / ".caviarignore").write_text("data\n")
    assert pack_folder(tmp_path).names == (".caviarignore",)


@pytest.mark.parametrize("text", [b"!\n", b"\xff\n"])
def test_an_ignore_file_that_can_not_be_read_is_told(tmp_path: Path, text: bytes) -> None:
    (tmp_path / ".caviarignore").write_bytes(text)
    with pytest.raises(InvalidInput, match=r"\.caviarignore"):
        pack_folder(tmp_path)
