"""What a folder held when it was last whole, so that damage is seen before it is opened."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Files = Mapping[str, tuple[int, int, str]]
"""For each path below the folder: size, time of change in nanoseconds, digest."""


@dataclass(frozen=True)
class Manifest:
    """The folder in use, the Chroma that wrote it, each person's mark, each file's digest."""

    folder: str
    version: str
    marks: Mapping[str, str] = field(default_factory=dict)
    files: Files = field(default_factory=dict)


def survey(folder: Path, known: Files, *, trust_times: bool) -> Files:
    """Give size, time and digest of every file below a folder.

    With `trust_times` a file whose size and time are those of `known` is not read again. Raises
    OSError.
    """
    found: dict[str, tuple[int, int, str]] = {}
    for path in sorted(folder.rglob("*")):
        # SQLite's shared memory is rebuilt at will and means nothing between processes.
        if not path.is_file() or path.name.endswith("-shm"):
            continue
        name, about = path.relative_to(folder).as_posix(), path.stat()
        before = known.get(name)
        if trust_times and before and before[:2] == (about.st_size, about.st_mtime_ns):
            found[name] = before
        else:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "blake2b").hexdigest()
            found[name] = (about.st_size, about.st_mtime_ns, digest)
    return found


def same(left: Files, right: Files) -> bool:
    """Say whether two surveys saw the same bytes, whenever they were written."""
    return {name: (size, digest) for name, (size, _, digest) in left.items()} == {
        name: (size, digest) for name, (size, _, digest) in right.items()
    }


def read(path: Path) -> Manifest | None:
    """Give the manifest, or None when there is none or it cannot be understood."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        files = {name: (int(s), int(t), str(d)) for name, (s, t, d) in found["files"].items()}
        marks = {str(name): str(mark) for name, mark in found["marks"].items()}
        return Manifest(str(found["folder"]), str(found["version"]), marks, files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write(path: Path, manifest: Manifest) -> None:
    """Put the manifest in place, whole or not at all. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    content = json.dumps(vars(manifest), default=dict)
    with fresh.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
