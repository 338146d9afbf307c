import io
import os
import zipfile
from pathlib import Path

import pytest

from caviar.client import bundle as bundles
from caviar.client.bundle import pack_files, pack_folder
from caviar.domain.errors import InvalidInput, TooLarge


def write(root: Path, name: str, text: str = "x") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_same_code_has_the_same_digest_whatever_its_dates(tmp_path: Path) -> None:
    write(tmp_path, "train.py")
    first = pack_folder(tmp_path)
    os.utime(tmp_path / "train.py", (1, 1))
    assert pack_folder(tmp_path).digest == first.digest
    write(tmp_path, "train.py", "y")
    assert pack_folder(tmp_path).digest != first.digest


def test_a_bundle_holds_the_files_by_their_relative_names(tmp_path: Path) -> None:
    write(tmp_path, "train.py", "print(1)")
    write(tmp_path, "lib/deep/net.py")
    archive = zipfile.ZipFile(io.BytesIO(pack_folder(tmp_path).content))
    assert archive.namelist() == ["lib/deep/net.py", "train.py"]
    assert archive.read("train.py") == b"print(1)"


def test_a_prefix_keeps_a_package_s_name(tmp_path: Path) -> None:
    write(tmp_path, "__init__.py")
    assert pack_folder(tmp_path, prefix="pkg/").names == ("pkg/__init__.py",)


def test_caviarignore_and_the_defaults_leave_files_out(tmp_path: Path) -> None:
    for name in ("train.py", "data/big.bin", "__pycache__/t.pyc", ".git/config", "venv/pyvenv.cfg", "venv/bin/python"):
        write(tmp_path, name)
    write(tmp_path, ".caviarignore", "data/\n")
    assert pack_folder(tmp_path).names == (".caviarignore", "train.py")


def test_a_link_out_of_the_folder_is_refused_by_name(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret")
    code = tmp_path / "code"
    code.mkdir()
    (code / "link").symlink_to(secret)
    with pytest.raises(InvalidInput, match="link is a link that leads out"):
        pack_folder(code)


def test_a_link_within_the_folder_is_packed_as_a_file(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "same")
    (tmp_path / "b.py").symlink_to("a.py")
    archive = zipfile.ZipFile(io.BytesIO(pack_folder(tmp_path).content))
    assert archive.read("b.py") == b"same"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a folder"):
        pack_folder(tmp_path / "none")


def test_too_much_is_refused_with_the_largest_file_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 10)
    write(tmp_path, "small.py")
    write(tmp_path, "weights.bin", "x" * 50)
    with pytest.raises(TooLarge, match=r"weights\.bin"):
        pack_folder(tmp_path)


def test_no_files_make_an_empty_bundle() -> None:
    assert pack_files({}).digest.startswith("sha256:")
