"""Offer: is there a sentence here, in the person's own words, that they may want to keep?"""

from __future__ import annotations

import re

from companion.domain import ReflectionKind, Situation
from companion.events import Offer
from companion.examples import Examples
from companion.ports import Embedder, Reader
from companion.prompts import document
from companion.text import clean_message, plain, sentences, words

WORTH_ASKING = 0.5
"""Cosine with an authored example from which keeping a sentence is suggested."""
DECIDED = 0.65
"""The same for a decision that is not said in so many words: a deed looks much like one."""
HURTS = 0.85
"""Probability from which a sentence is taken to tell of a hurt: read alone, few say much."""

_AUTHORED = re.compile(
    r"\bi (?:said no|say no|refused|decided|chose|get to|won't|will not|don't owe|am allowed"
    r"|told (?:him|her|them|my \w+) (?:no|that'?s|it'?s not|i can'?t|i won'?t))\b",
    re.IGNORECASE,
)
"""A meaning decided or a no said, in the first person."""
_VERDICT = re.compile(
    r"\b(?:told everyone|said (?:i|that i)|says i|called me|calls me|that i'?m)\b", re.IGNORECASE
)


class Offerer:
    """Holds the authored examples of what is worth keeping, and what is not."""

    def __init__(self, embedder: Embedder, reader: Reader) -> None:
        self._examples = Examples(embedder, document("keeping"))
        self._reader = reader

    def offer(self, message: str) -> Offer:
        """Give the one sentence most worth keeping, with its kind, or an empty offer."""
        best = Offer(None)
        most = 0.0
        for sentence in sentences(clean_message(message))[:8]:
            if not 4 <= len(words(sentence)) <= 40 or sentence.endswith("?"):
                continue
            kind, worth = self._worth(sentence)
            if kind and worth > most:
                best, most = Offer(sentence, kind), worth
        return best

    def _worth(self, sentence: str) -> tuple[ReflectionKind | None, float]:
        """Give the kind and how sure it is. Someone else's verdict is never offered back."""
        match = self._examples.nearest(sentence)
        authored = bool(_AUTHORED.search(plain(sentence)))
        needed = DECIDED if match.name == ReflectionKind.AUTHORSHIP else WORTH_ASKING
        likely = match.name != "not_worth_keeping" and match.similarity >= needed
        if not authored and not likely:
            return None, 0.0
        situations = self._reader.read(sentence).situations
        attacked = 1 - situations[Situation.EVERYDAY] >= HURTS
        if authored and not (attacked and _VERDICT.search(sentence)):
            return ReflectionKind.AUTHORSHIP, max(match.similarity, WORTH_ASKING)
        if attacked or not likely:
            return None, 0.0
        return ReflectionKind(match.name), match.similarity
