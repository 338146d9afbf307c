"""The digest of data files: names and contents, whatever their times."""

import hashlib
from pathlib import Path

CHUNK = 1 << 20


def data_digest(path: Path) -> str:
    """Of one file, or of all files below a folder, in the order of their names. Raises OSError."""
    total = hashlib.sha256()
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    if not files:
        raise FileNotFoundError(f"{path} holds no data")
    for file in files:
        name = file.name if file == path else file.relative_to(path).as_posix()
        total.update(f"{name}\0{file_digest(file)}\n".encode())
    return f"sha256:{total.hexdigest()}"


def file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
