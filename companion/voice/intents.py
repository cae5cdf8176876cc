"""What is not a situation: greetings, "are you real", a push against the belief, a word to stop."""

from __future__ import annotations

import re

import numpy as np

from companion.domain import Mode, PastTurn, Situation
from companion.examples import Examples
from companion.language import other_language
from companion.ports import Embedder
from companion.prompts import document
from companion.text import plain, words

ASKED = re.compile(
    r"\b(?:what (?:should|do|can|could|would) (?:i|you|we)\b(?! (?:deserve|have left))"
    r"|how (?:do|can|should|could|would) (?:i|you|we)\b|should i\b"
    r"|any (?:advice|tips|ideas|suggestions)"
    r"|\bdo i (?:just |even )?(?:say|tell|go|call|ring|text|answer|reply|let|leave|have to)\b"
    r"|\bhow\s*\?*$|(?:what|which) would you"
    r"|help me (?:write|word|say|decide|plan)|how to\b|is it worth)",
    re.IGNORECASE,
)
_SILENCE = re.compile(r"[\s.…\-_?!]*")

CLOSE = 0.62
"""Cosine from which a short message counts as one of the authored examples."""
CLOSER = 0.72
"""The same for what it would hurt to hear wrongly."""
SENSITIVE = frozenset(
    {"harming_someone", "unwanted_images", "decline_secret_minor", "decline_revenge", "intoxicated"}
)
LONGEST = 22
"""Words. A longer message is read as a situation, whatever it resembles."""
ONLY_AFTER_A_REPLY = frozenset(
    {"pushed", "returned", "checking", "correction", "hurts", "decline_agree"}
)


def asks_for_advice(message: str) -> bool:
    return bool(ASKED.search(plain(message)))


class Intents:
    """Recognises an intent by the nearest authored example, in its place in the conversation."""

    def __init__(self, embedder: Embedder) -> None:
        lines = document("lines")
        self._examples = Examples(
            embedder,
            {name: about["said"] for name, about in lines.items() if about.get("said")},
        )
        self._embedder = embedder

    def of(self, message: str, situation: Situation, history: tuple[PastTurn, ...]) -> str | None:
        """Give the intent of a message, or None when it is to be met as its situation."""
        if _SILENCE.fullmatch(message):
            return "silence"
        if other_language(message):
            return "other_language"
        if len(words(message)) > LONGEST:
            return None
        match = self._examples.nearest(message)
        if match.similarity < (CLOSER if match.name in SENSITIVE else CLOSE):
            return None
        if match.name in ONLY_AFTER_A_REPLY:
            return self._pressed(match.name, message, history)
        return match.name

    def _pressed(self, name: str, message: str, history: tuple[PastTurn, ...]) -> str | None:
        """A push needs a belief that was held: the reply before it was in one of the two modes."""
        if not history or history[-1].situation in {None, Situation.EVERYDAY}:
            return name if name in {"correction", "decline_agree", "hurts"} and history else None
        return "returned" if self._rounds(message, history) >= 2 and name == "pushed" else name

    def _rounds(self, message: str, history: tuple[PastTurn, ...]) -> int:
        """Count the turns before this one that said much the same."""
        said = [turn.message for turn in history[-6:]]
        vectors = self._embedder.embed([plain(text)[:900].casefold() for text in [*said, message]])
        nearest = [self._examples.nearest(text, vector) for text, vector in zip(said, vectors)]
        alike = vectors[:-1] @ vectors[-1]
        return int(
            np.sum(
                [
                    similarity > 0.6 or (match.name == "pushed" and match.similarity >= CLOSE)
                    for similarity, match in zip(alike, nearest)
                ]
            )
        )


def replies(intent: str, mode: Mode) -> list[str]:
    """Give the authored replies of an intent, in the mode where they differ by it."""
    authored = document("lines")[intent]["replies"]
    return list(authored[mode.value] if isinstance(authored, dict) else authored)


def context_of(intent: str) -> str:
    """Give a message that the replies of an intent were written for, or "" when there is none."""
    said = document("lines")[intent].get("said") or [""]
    return str(said[0])
