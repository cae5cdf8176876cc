"""Which stance does a sentence take? Told by the authored sentences of the two modes.

A sentence of ours is known, one with slots by its skeleton. Any other is compared by meaning with
the authored ones; how often that is right on ours is in `docs/evals.md`, and it is only believed
when the nearest are nearly all of one mode.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from companion.build import shared_embedder
from companion.domain import POLICY, Mode, Move, Situation
from companion.prompts import document
from companion.steps.guard import neutral
from companion.text import sentences, words
from companion.vectors import shipped_vectors
from companion.voice.exchanges import SLOT, load, unslotted
from companion.voice.intents import replies
from companion.voice.speech import shape

NEAREST = 15
SURE = 0.8
"""Share of the nearest that must be of one mode; fewer say nothing."""
LEAST = 4
"""Words. A shorter sentence ("That counts.") takes no stance of its own."""


@dataclass(frozen=True)
class Stance:
    """`mode` is None where a sentence takes none, or none that can be told; `moves` may be several.

    `authored` says that it is a sentence of ours, and so that this is known.
    """

    mode: Mode | None
    moves: frozenset[Move]
    authored: bool


@cache
def stance(sentence: str) -> Stance:
    """Give a sentence's stance."""
    if known := _exact().get(sentence) or _slotted().get(shape(sentence)):
        few = len(words(sentence)) < LEAST
        modes = {None} if few else {_mode(situation) for situation, _ in known}
        moves = frozenset(move for _, move in known)
        return Stance(modes.pop() if len(modes) == 1 else None, moves, True)
    if sentence in _lines():
        return Stance(None, frozenset(), True)
    if len(words(sentence)) < LEAST:
        return Stance(None, frozenset(), False)
    return nearest(sentence)


def nearest(sentence: str, without: str = "") -> Stance:
    """Give the stance of the authored wordings nearest in meaning, one exchange left out."""
    vectors, about = _wordings()
    similar = vectors @ shared_embedder().embed([unslotted(sentence)])[0]
    if without:
        similar = np.where([id == without for id, _, _ in about], -1.0, similar)
    near = [about[place] for place in np.argsort(-similar)[:NEAREST]]
    mode, votes = Counter(_mode(situation) for _, situation, _ in near).most_common(1)[0]
    move = Counter(move for _, _, move in near).most_common(1)[0][0]
    return Stance(mode if votes >= SURE * NEAREST else None, frozenset({move}), False)


def _mode(situation: Situation) -> Mode | None:
    """Give the mode in which a wording was authored; light company is in neither's way."""
    return None if situation is Situation.EVERYDAY else POLICY[situation].mode


@cache
def _exact() -> dict[str, set[tuple[Situation, Move]]]:
    found: dict[str, set[tuple[Situation, Move]]] = defaultdict(set)
    for situation, move, sentence in _sentences():
        found[sentence].add((situation, move))
    return dict(found)


@cache
def _lines() -> frozenset[str]:
    """Give what is answered to greetings, thanks and questions: ours, and in neither mode."""
    return frozenset(
        sentence
        for name, about in document("lines").items()
        if about.get("replies")
        for mode in Mode
        for line in replies(name, mode)
        for sentence in sentences(line)
    )


@cache
def _slotted() -> dict[str, set[tuple[Situation, Move]]]:
    """Give those with slots by their skeletons, since what fills a slot is the person's."""
    found: dict[str, set[tuple[Situation, Move]]] = defaultdict(set)
    for situation, move, sentence in _sentences():
        if SLOT.search(sentence):
            found[shape(neutral(sentence))].add((situation, move))
    return dict(found)


def _sentences() -> Iterator[tuple[Situation, Move, str]]:
    for one in load():
        for move, offered in one.moves.items():
            for option in offered:
                for sentence in option.sentences:
                    yield one.situation, move, sentence


@cache
def _wordings() -> tuple[np.ndarray, list[tuple[str, Situation, Move]]]:
    wordings = {
        unslotted(option.say): (one.id, one.situation, move)
        for one in load()
        for move, offered in one.moves.items()
        for option in offered
    }
    return shipped_vectors(shared_embedder(), list(wordings)), list(wordings.values())


def told_apart(every: int = 7) -> tuple[int, int, int]:
    """Give of our own wordings, each compared with all others' exchanges: tried, told, rightly."""
    tried = told = right = 0
    for one in load()[::every]:
        wanted = _mode(one.situation)
        for offered in one.moves.values():
            if wanted is None or not offered:
                continue
            found = nearest(unslotted(offered[0].say), without=one.id).mode
            tried, told, right = tried + 1, told + bool(found), right + (found is wanted)
    return tried, told, right
