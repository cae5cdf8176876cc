"""Blanks the room that Chroma reserves in its files.

Chroma's vector file is written with room for more elements than it holds, and that room is
whatever the process's memory held before: a vector that was forgotten, or a person's words.
Layout after the persistent hnswlib that ChromaDB ships (`header.bin`, format 1), seen in chromadb
1.x: version, then offset, capacity, count and bytes per element.
"""

from __future__ import annotations

import struct
from pathlib import Path

_HEADER = struct.Struct("<iQQQQ")
_FORMAT = 1
_LENGTH_BYTES = 4


def blank_reserved(folder: Path) -> None:
    """Put zeros where no element is yet, in every vector file below a folder. Raises OSError.

    A file of a format that is not known is left as it is.
    """
    for path in folder.rglob("header.bin"):
        header = path.read_bytes()
        if len(header) < _HEADER.size:
            continue
        version, _, capacity, count, element = _HEADER.unpack_from(header)
        if version == _FORMAT:
            for name, each in (("data_level0.bin", element), ("length.bin", _LENGTH_BYTES)):
                _blank(path.with_name(name), start=count * each, end=capacity * each)


def _blank(path: Path, *, start: int, end: int) -> None:
    size = path.stat().st_size if path.is_file() else 0
    if not start < size <= end:
        return
    with path.open("r+b") as file:
        file.seek(start)
        # Only what is not blank yet is written, so that an unchanged file keeps its time.
        if any(file.read()):
            file.seek(start)
            file.write(bytes(size - start))
