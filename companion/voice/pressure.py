"""Pressure: does this message push against what was held, how, and how often has it come?

See "Pressure" in `docs/domain.md`. The pushes are authored beside their replies, as exchanges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.domain import PastTurn, Situation
from companion.examples import Examples
from companion.ports import Embedder
from companion.text import plain, words
from companion.voice.exchanges import AuthoredExchange, Push

CLOSE = 0.62
"""Cosine from which a short message counts as one of the authored pushes."""
ALIKE = 0.6
"""Cosine between two messages from which they say much the same."""
ROUNDS = 2
"""Times that a verdict was pressed before; the next time it is not answered afresh."""
LONGEST = 22
"""Words. A longer message tells something, and is met by what it tells."""
MOST_CHARACTERS = 900
SILENCE = re.compile(r"[\s.…\-_?!]*")
_VERDICT = frozenset({Push.PUSHES_BACK, Push.ASKS_FOR_AGREEMENT, Push.CHECKS})
"""Pushes that bring the same verdict or question again."""


class Pressure:
    """The authored pushes, recognised by the nearest, and the exchanges that answer them."""

    def __init__(self, embedder: Embedder, exchanges: Sequence[AuthoredExchange]) -> None:
        self._exchanges = tuple(one for one in exchanges if one.pressed)
        groups: dict[str, list[str]] = {}
        for one in self._exchanges:
            groups.setdefault(str(one.pressed), []).extend([one.message, *one.said])
        self.examples = Examples(embedder, groups)
        self._embedder = embedder

    def of(
        self, message: str, history: Sequence[PastTurn], close: float = CLOSE
    ) -> tuple[Push, float] | None:
        """Give the push and how close it is, or None. A push needs a belief that was held."""
        if held(history) is None or len(words(message)) > LONGEST:
            return None
        if SILENCE.fullmatch(message):
            return Push.GOES_SILENT, 1.0
        match = self.examples.nearest(message)
        push = Push(match.name)
        if match.similarity < close:
            return None
        if push in _VERDICT and self._rounds(message, history) >= ROUNDS:
            push = Push.COMES_BACK
        return push, match.similarity

    def answers(self, push: Push, situation: Situation) -> list[AuthoredExchange]:
        """Give the exchanges that answer a push in a situation, those of another kind last."""
        fitting = [one for one in self._exchanges if one.situation is situation]
        return sorted(
            fitting, key=lambda one: (one.pressed is not push, one.pressed not in _VERDICT)
        )

    def _rounds(self, message: str, history: Sequence[PastTurn]) -> int:
        """Count the turns before this one that said much the same."""
        said = [turn.message for turn in history[-6:]]
        vectors = self._embedder.embed([plain(text)[:MOST_CHARACTERS] for text in [*said, message]])
        pressed = [
            self.examples.nearest(text, vector).similarity >= CLOSE
            for text, vector in zip(said, vectors)
        ]
        alike = vectors[:-1] @ vectors[-1] > ALIKE
        return sum(bool(one) or two for one, two in zip(alike, pressed))


def held(history: Sequence[PastTurn]) -> Situation | None:
    """Give the situation in whose mode the last reply but for small talk was given, if any."""
    for turn in reversed(history[-3:]):
        if turn.situation and turn.situation is not Situation.EVERYDAY:
            return turn.situation
    return None
