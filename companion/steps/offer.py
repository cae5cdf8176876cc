"""Offer: is there a sentence here, in the person's own words, that they may want to keep?"""

from __future__ import annotations

from companion.domain import Mode, ReflectionKind
from companion.events import Offer
from companion.examples import Examples
from companion.ports import Embedder
from companion.prompts import document
from companion.text import clean_message, sentences, words

WORTH_ASKING = 0.45
"""Cosine with an authored example from which keeping a sentence is suggested."""


class Offerer:
    """Holds the authored examples of what is worth keeping, and what is not."""

    def __init__(self, embedder: Embedder) -> None:
        self._examples = Examples(embedder, document("keeping"))

    def offer(self, message: str, mode: Mode) -> Offer:
        """Give the one sentence most worth keeping, with its kind, or an empty offer."""
        best, kind, most = None, ReflectionKind.MOMENT, WORTH_ASKING
        for sentence in sentences(clean_message(message))[:12]:
            if not 4 <= len(words(sentence)) <= 40 or sentence.endswith("?"):
                continue
            match = self._examples.nearest(sentence)
            if match.name != "not_worth_keeping" and match.similarity > most:
                best, kind, most = sentence, ReflectionKind(match.name), match.similarity
        return Offer(best, kind)
