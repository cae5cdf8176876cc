"""The words a reading rests on: how much each clause gave to the chosen situation.

With a linear head on means of token states, a token's share of the score is exact: its state in
each layer, divided by the number of tokens and the norm of that layer's mean, times the head's
weights. Clauses are ranked by the share of their tokens, softened by length so that a long clause
does not win by size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from companion.domain import Span
from companion.embedder import Encoded
from companion.text import clauses, words

FEWEST, MOST = 2, 12
"""Words in a clause worth quoting."""


def grounds(
    message: str, encoded: Encoded, weights: NDArray[np.float32], limit: int = 3
) -> tuple[Span, ...]:
    """Give up to `limit` clauses of the message, strongest first.

    `encoded` is the message's own encoding; `weights` has shape (1536,).
    """
    norms = np.linalg.norm(encoded.layers.mean(axis=0), axis=1)
    by_layer = np.einsum("tld,ld->tl", encoded.layers, weights.reshape(norms.size, -1))
    shares = (by_layer / norms).sum(axis=1) / len(encoded.spans)
    # What every token gives alike says nothing of where the weight lies.
    shares = shares - shares.mean()
    starts = np.array([span.start for span in encoded.spans])
    real = np.array([span.end > span.start for span in encoded.spans])
    ranked = []
    for clause in clauses(message):
        size = len(words(clause.of(message)))
        inside = real & (starts >= clause.start) & (starts < clause.end)
        if FEWEST <= size <= MOST and inside.any():
            ranked.append((float(shares[inside].sum() / np.sqrt(inside.sum())), clause))
    ranked.sort(key=lambda item: -item[0])
    return tuple(clause for _, clause in ranked[:limit])
