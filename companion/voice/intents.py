"""What is not a situation: greetings, "are you real", a correction, a word to stop."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.domain import Mode, PastTurn
from companion.examples import Examples, Match
from companion.language import other_language
from companion.ports import Embedder
from companion.prompts import document
from companion.text import plain, sentences, words
from companion.voice import asks
from companion.voice.pressure import SILENCE, held

ASKED = re.compile(
    r"\b(?:what (?:should|do|can|could|would) (?:i|you|we)\b(?! (?:deserve|have left))"
    r"|how (?:do|can|should|could|would) (?:i|you|we|people)\b|should i\b"
    r"|any (?:advice|tips|ideas|suggestions)"
    r"|\bdo i (?:\w+ ){1,4}or\b"
    r"|\bdo i (?:just |even )?(?:say|tell|go|call|ring|text|answer|reply|let|leave|have to)\b"
    r"|\bhow\s*\?*$|(?:what|which) would you"
    r"|help me (?:write|word|say|decide|plan)|how to\b|is it worth)",
    re.IGNORECASE,
)

CLOSE = 0.62
"""Cosine from which a message of a few words counts as one of the authored examples."""
CLOSER = 0.66
"""The same for a longer one."""
CLOSEST = 0.72
"""The same for a part of one, and for what it would hurt to hear wrongly."""
LONGEST = 30
"""Words. A longer message is read as a situation, whatever it resembles."""
LONGEST_WITH_PARTS = 16
"""Words. What a longer message opens with is no more than its beginning."""
FEW = 5
"""Words."""
SENSITIVE = frozenset(
    """
    asks_for_a_person decline_cruelty decline_delusion_proof decline_revenge decline_secret_minor
    harming_someone intoxicated unwanted_images
    """.split()
)
ONLY_AFTER_A_REPLY = frozenset({"correction", "hurts"})
OPENS = frozenset({"angry_at_companion", "correction", "hurts", "stop"})
"""What a message may open with and go on from: the first sentence decides."""
LIGHT = frozenset({"dont_know", "feeling_better", "goodbye", "joke", "no", "thanks", "yes"})
LOOSE = 0.5
"""Cosine from which a remark of which nothing else is known counts as one of these."""
UNLIKE = "unlike"
"""The name of what only looks like an intent, and is met as its situation."""
CLOSES = frozenset({"feeling_better", "goodbye"})
"""What a short message may end with: the last sentence decides."""


def asks_for_advice(message: str) -> bool:
    return bool(ASKED.search(plain(message)))


class Intents:
    """Recognises an intent by the nearest authored example, in its place in the conversation."""

    def __init__(self, embedder: Embedder) -> None:
        lines = document("lines")
        self._examples = Examples(
            embedder,
            {name: about["said"] for name, about in lines.items() if about.get("said")}
            | {UNLIKE: [text for about in lines.values() for text in about.get("unlike", ())]},
        )
        self._lines = frozenset(
            sentence
            for name, about in lines.items()
            if about.get("said")
            for mode in Mode
            for line in replies(name, mode)
            for sentence in sentences(line)
        )

    def of(self, message: str, history: Sequence[PastTurn]) -> Match | None:
        """Give the intent of a message, or None when it is to be met as its situation."""
        if SILENCE.fullmatch(message):
            # After a reply in one of the two modes, silence is met there; see `pressure`.
            return None if held(history) else Match("silence", 1.0)
        if other_language(message):
            return Match("other_language", 1.0)
        if len(words(message)) > LONGEST:
            return None
        match = self._examples.nearest(message)
        if not self._is(match, message):
            match = self._part(message) or self._asked(message) or match
        if not self._is(match, message):
            return None
        if match.name in ONLY_AFTER_A_REPLY and not history:
            return None
        # "I don't know how to start" is no greeting once something was said.
        return None if match.name == "greeting" and history and len(words(message)) > FEW else match

    def loosely(self, message: str) -> Match | None:
        """Give which light answer a remark is most like, if it is like one at all."""
        match = self._examples.nearest(message)
        few = len(words(message)) <= 2 * FEW
        return match if few and match.name in LIGHT and match.similarity >= LOOSE else None

    @staticmethod
    def _is(match: Match, message: str) -> bool:
        """Say whether a message is near enough to the intent it is nearest to."""
        length = len(words(message))
        needed = CLOSE if length <= FEW else CLOSER
        if match.name in asks.ASKS:
            needed = asks.NEAR if length <= asks.LONGEST else CLOSEST
        if match.name in SENSITIVE:
            needed = CLOSEST
        near = match.name != UNLIKE and match.similarity >= needed
        return near and asks.meant(match.name, message)

    def _asked(self, message: str) -> Match | None:
        """Give what is asked of Companion, if that is plain once the message is spelt plainly."""
        if len(words(message)) > asks.LONGEST:
            return None
        plainly = asks.plainly(message)
        match = self._examples.nearest(plainly)
        return match if match.name in asks.ASKS and self._is(match, plainly) else None

    def _part(self, message: str) -> Match | None:
        """Give what the first or last of several sentences is, if that decides."""
        first, *rest = sentences(message)
        if not rest or len(words(message)) > LONGEST_WITH_PARTS:
            return None
        opens, closes = self._examples.nearest(first), self._examples.nearest(rest[-1])
        if opens.name in OPENS and opens.similarity >= CLOSEST:
            return opens
        ends = closes.name in CLOSES and len(words(message)) <= 2 * FEW
        return closes if ends and closes.similarity >= CLOSEST else None

    def spoke(self, reply: str) -> bool:
        """Say whether a reply was one of these lines, and so held nothing."""
        said = sentences(reply)
        return bool(said) and all(sentence in self._lines for sentence in said)


def replies(intent: str, mode: Mode) -> list[str]:
    """Give the authored replies of an intent, in the mode where they differ by it."""
    authored = document("lines")[intent]["replies"]
    return list(authored[mode.value] if isinstance(authored, dict) else authored)


def context_of(intent: str) -> str:
    """Give a message that the replies of an intent were written for, or "" when there is none."""
    said = document("lines")[intent].get("said") or [""]
    return str(said[0])
