"""Vectors of the texts we ship, made once on this computer and read back on the next start.

Embedding every authored exchange takes seconds; reading the result takes a millisecond. The folder
holds nothing of anybody's, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from companion.ports import Embedder, Vectors


def folder() -> Path:
    """Give the folder of the cache: `COMPANION_CACHE`, or this user's cache folder."""
    given = os.environ.get("COMPANION_CACHE")
    return Path(given) if given else user_cache_path("companion")


def shipped_vectors(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Give one unit vector a text, from the cache when it holds these texts by this embedder."""
    key = hashlib.sha256("\0".join([embedder.name, *texts]).encode()).hexdigest()[:24]
    path = folder() / f"{key}.npy"
    with suppress(OSError, ValueError, EOFError):
        vectors: Vectors = np.load(path, allow_pickle=False)
        if len(vectors) == len(texts):
            return vectors
    vectors = embedder.embed(texts)
    with suppress(OSError):
        _write(path, vectors)
    return vectors


def _write(path: Path, vectors: Vectors) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed, so that a second process never reads half a file.
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npy", delete=False) as file:
        np.save(file, vectors)
    Path(file.name).replace(path)
