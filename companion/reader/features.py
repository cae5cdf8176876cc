"""What the heads see of a message and of a reply's sentence. Training and reading share this file.

The middle layers of the frozen encoder know more of stance than its last, which was trained to tell
topics apart; docs/reader.md has the scores with whole briefs held out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from companion.embedder import DIMENSIONS, Encoded
from companion.ports import Vectors
from companion.text import plain, without_quotations


def deep(encoded: Encoded) -> Vectors:
    """Give each layer's mean state at length 1, side by side: shape (1536,)."""
    means = encoded.layers.mean(axis=0)
    flat: Vectors = (means / np.linalg.norm(means, axis=1, keepdims=True)).reshape(-1)
    return flat


def sentence_text(sentence: str) -> str:
    """Give the sentence with what it only mentions taken out."""
    return plain(without_quotations(sentence))


def pair(sentence: Vectors, message: Vectors) -> Vectors:
    """Join a sentence's features with how it stands to the message's: shape (2304,)."""
    said, answered = sentence[-DIMENSIONS:], message[-DIMENSIONS:]
    return np.concatenate([sentence, said * answered, np.abs(said - answered)])


def pairs(encode: Callable[[str], Encoded], sentences: Sequence[str], message: str) -> Vectors:
    """Give one row of features for each sentence of a reply."""
    about = deep(encode(plain(message)[:900]))
    return np.stack([pair(deep(encode(sentence_text(said))), about) for said in sentences])
