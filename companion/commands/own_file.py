"""Writes a file of a person's own words, for them alone."""

from __future__ import annotations

import os
from pathlib import Path


def closed_folder(folder: Path) -> None:
    """Make a folder that this user alone may open. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)


def replace(path: Path, content: str) -> bool:
    """Put the file in place for this user alone, whole or not at all. Raises OSError.

    Without content there is to be no file; says whether there was one.
    """
    fresh = path.with_name(f".{path.name}.new")
    # What an interrupted export left is the person's text too.
    fresh.unlink(missing_ok=True)
    if not content:
        existed = path.is_file()
        path.unlink(missing_ok=True)
        return existed
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return False
