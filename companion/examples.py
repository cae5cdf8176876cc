"""Recognise what a short message is by the nearest of authored examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from companion.ports import Embedder, Vectors
from companion.text import plain
from companion.vectors import shipped_vectors


@dataclass(frozen=True)
class Match:
    """`similarity` is the cosine with the nearest example of that name."""

    name: str
    similarity: float


class Examples:
    """Named groups of example sentences; a text is matched to the group of its nearest one."""

    def __init__(self, embedder: Embedder, groups: Mapping[str, Sequence[str]]) -> None:
        pairs = [(name, plain(text).casefold()) for name, texts in groups.items() for text in texts]
        self._names = [name for name, _ in pairs]
        self._exact = {text.strip(" .!?"): name for name, text in pairs}
        self._vectors = shipped_vectors(embedder, [text for _, text in pairs])
        self._embedder = embedder

    def nearest(self, text: str, vector: Vectors | None = None) -> Match:
        """Give the nearest group. An example said word for word matches with similarity 1."""
        folded = plain(text).casefold().strip()
        exact = self._exact.get(folded.strip(" .!?"))
        if exact:
            return Match(exact, 1.0)
        if vector is None:
            vector = self._embedder.embed([folded])[0]
        similarities = self._vectors @ vector
        best = int(np.argmax(similarities))
        return Match(self._names[best], float(similarities[best]))
