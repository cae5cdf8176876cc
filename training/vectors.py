"""`make vectors`: embed every text we ship once, into the file that starts read back.

See `companion/vectors.py`. A text missing from the file is embedded on the person's own computer,
so this is for a quick start; a test says when texts are missing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from unittest.mock import patch

import numpy as np

from companion.build import shared_reader
from companion.contacts import Contacts
from companion.embedder import DIMENSIONS, MiniLM
from companion.ports import Vectors
from companion.steps.offer import Offerer
from companion.steps.triage import Triager
from companion.vectors import SHIPPED, pack
from companion.voice.embedded import EmbeddedVoice


class Recording:
    """An embedder that only notes what it is asked for."""

    name = "recording"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return np.ones((len(texts), DIMENSIONS), dtype=np.float32)


def texts() -> list[str]:
    """Give every text whose vector is asked for when a Companion is built."""
    noting = Recording()
    # A folder of its own: what is noted here are no vectors, and must not be read back as such.
    with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, COMPANION_CACHE=cache):
        EmbeddedVoice(noting)
        Triager(noting, Contacts())
        Offerer(noting, shared_reader())
    return noting.texts


def main() -> None:
    count = pack(MiniLM(), texts())
    print(f"{count} texts in {SHIPPED}, {SHIPPED.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
