"""How far the trial of a voice tells a weak model from what we wrote, over random eights."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from companion.build import shared_embedder
from companion.voice.exchanges import load
from companion.voice.llm import reply_of
from companion.voice.trial import FOLLOWED

DRAWS = 2_000
EIGHT = 8
LONG_ENOUGH = 25
"""Characters of a message; to "yeah" every reply belongs and none does."""
Pair = tuple[str, str]


def authored(count: int = 200) -> list[Pair]:
    """Give messages and replies of exchanges we wrote, as a sample that is always the same."""
    found = [one for one in load() if len(one.message) >= LONG_ENOUGH]
    chosen = random.Random(20261126).sample(found, count)  # noqa: S311
    return [(one.message, reply_of(one)) for one in chosen]


def passing(pairs: Sequence[Pair]) -> float:
    """Give the share of draws of eight in which enough replies are nearest to their own message."""
    fit = [(message, reply) for message, reply in pairs if len(message) >= LONG_ENOUGH and reply]
    if len(fit) < EIGHT:
        return float("nan")
    embed = shared_embedder().embed
    near = embed([reply for _, reply in fit]) @ embed([message for message, _ in fit]).T
    chance = random.Random(20261126)  # noqa: S311
    passed = 0
    for _ in range(DRAWS):
        drawn = chance.sample(range(len(fit)), EIGHT)
        own = near[np.ix_(drawn, drawn)].argmax(axis=1) == np.arange(EIGHT)
        passed += int(own.sum()) >= FOLLOWED
    return passed / DRAWS
