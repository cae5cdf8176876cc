"""Vectors of the texts we ship: read from the file beside the weights, or made on this computer.

Embedding every authored sentence takes ten seconds or more, reading the file a few milliseconds. It
is written by `make vectors`. A text it does not hold, because it was changed since, is embedded
once and kept in this user's cache folder, which holds nothing of anybody's and may be deleted.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from companion.cache import folder, put
from companion.ports import Embedder, Vectors

SHIPPED = Path(__file__).parent / "weights" / "texts.npz"


def shipped_vectors(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Give one unit vector a text."""
    known = _shipped(embedder.name)
    keys = [key(text) for text in texts]
    missing = [place for place, one in enumerate(keys) if one not in known]
    if not missing and texts:
        return np.stack([known[one] for one in keys])
    made = _made(embedder, [texts[place] for place in missing])
    if len(missing) == len(texts):
        return made
    fresh = dict(zip(missing, made))
    return np.stack(
        [fresh[place] if place in fresh else known[one] for place, one in enumerate(keys)]
    )


def key(text: str) -> int:
    """Give the number by which a text is found."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def pack(embedder: Embedder, texts: Iterable[str], path: Path = SHIPPED) -> int:
    """Write the vectors of texts as bytes, each with its own scale; give how many there are."""
    distinct = sorted(set(texts))
    vectors = embedder.embed(distinct)
    scales = np.abs(vectors).max(axis=1) / 127
    np.savez(
        path,
        name=np.array(embedder.name),
        keys=np.array([key(text) for text in distinct], dtype=np.uint64),
        scales=scales.astype(np.float32),
        vectors=np.rint(vectors / scales[:, None]).astype(np.int8),
    )
    return len(distinct)


@cache
def _shipped(name: str) -> dict[int, Vectors]:
    """Read the shipped file; without it, or made by another embedder, it holds nothing."""
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
        file = np.load(SHIPPED, allow_pickle=False)
        if str(file["name"]) == name:
            vectors = _unit(file["vectors"], file["scales"])
            return dict(zip(file["keys"].tolist(), vectors))
    return {}


def _unit(packed: NDArray[np.int8], scales: NDArray[np.float32]) -> Vectors:
    vectors = packed.astype(np.float32) * scales[:, None]
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _made(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    name = hashlib.sha256("\0".join([embedder.name, *texts]).encode()).hexdigest()[:24]
    path = folder() / f"{name}.npy"
    with suppress(OSError, ValueError, EOFError):
        vectors: Vectors = np.load(path, allow_pickle=False)
        if len(vectors) == len(texts):
            return vectors
    vectors = embedder.embed(texts)
    packed = io.BytesIO()
    np.save(packed, vectors)
    put(path.name, packed.getvalue())
    return vectors
