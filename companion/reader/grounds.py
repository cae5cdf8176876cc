"""The words a reading rests on: how much each clause gave to the chosen situation.

With a linear head on the mean of the token states, a token's share of the score is exact: its state
divided by the number of tokens, times the head's weights. Clauses are ranked by the share of their
tokens, softened by length so that a long clause does not win by size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from companion.domain import Span
from companion.reader.encoder import Read
from companion.text import clauses, words

FEWEST, MOST = 2, 12
"""Words in a clause worth quoting."""


def shares(read: Read, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each token's share of the score, shape (tokens,), for head weights (384,).

    What every token gives alike says nothing of where the weight lies, and is taken off.
    """
    given = read.states @ weights / len(read.spans)
    above: NDArray[np.float32] = given - given.mean()
    return above


def grounds(
    message: str, read: Read, weights: NDArray[np.float32], limit: int = 3
) -> tuple[Span, ...]:
    """Give up to `limit` clauses of the message, strongest first."""
    given = shares(read, weights)
    starts = np.array([span.start for span in read.spans])
    real = np.array([span.end > span.start for span in read.spans])
    ranked = []
    for clause in clauses(message):
        size = len(words(clause.of(message)))
        inside = real & (starts >= clause.start) & (starts < clause.end)
        if FEWEST <= size <= MOST and inside.any():
            ranked.append((float(given[inside].sum() / np.sqrt(inside.sum())), clause))
    ranked.sort(key=lambda item: -item[0])
    return tuple(clause for _, clause in ranked[:limit])
