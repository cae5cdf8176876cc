"""Finds texts by their words: BM25 in memory, over one person's reflections."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

logging.getLogger("bm25s").setLevel(logging.ERROR)

_STRAIGHT = {0x2018: "'", 0x2019: "'"}


class WordSearch:
    """Scores every text against a query. Never raises for any text or query."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._index: bm25s.BM25 | None = None
        tokens = bm25s.tokenize(
            [_normal(text) for text in texts], stopwords="en", show_progress=False
        )
        # An index over no words at all cannot be built.
        if any(tokens.ids):
            self._index = bm25s.BM25()
            self._index.index(tokens, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Give a score for each text, in order; all zero when no word is shared."""
        nothing = np.zeros(self._size, dtype=np.float32)
        if self._index is None:
            return nothing
        said = bm25s.tokenize(
            [_normal(query)], stopwords="en", show_progress=False, return_ids=False
        )[0]
        known = sorted({word for word in said if word in self._index.vocab_dict})
        if not known:
            return nothing
        return np.asarray(self._index.get_scores(known), dtype=np.float32)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_STRAIGHT)
