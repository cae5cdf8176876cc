"""One reply of the embedded voice in the making: what was said so far, what the slots hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from companion.domain import Mode, Reflection, ReflectionKind, Situation
from companion.people import possessive, speaker
from companion.ports import Draft, SpeakingBrief
from companion.text import clauses, sentences, words
from companion.voice.exchanges import SLOT, AuthoredExchange, Option

LONG_ENOUGH = 3
"""Words. Shorter sentences ("No.") may come twice in a conversation."""


class Speech:
    """Says options to one person: fills their slots, and says nothing twice in a conversation."""

    def __init__(self, brief: SpeakingBrief) -> None:
        self.brief = brief
        self.exchange: AuthoredExchange | None = None
        self.message_words = frozenset(words(brief.message))
        self.slots = _slots(brief)
        self._said = "\n".join([*(turn.reply for turn in brief.history), *brief.already])
        self._quoted = False

    def say(self, offered: Sequence[Option], context: str) -> Iterator[Draft]:
        """Yield the sentences of the first option that may be said here and has not been.

        `context` is the message the options were written for.
        """
        for option in offered:
            authored = sentences(option.say)
            if not self._may_say(option, authored):
                continue
            self._quoted |= "words" in option.slots
            for sentence in authored:
                text = filled(sentence, self.slots)
                self._said += f"\n{text}"
                yield Draft(text, sentence, context)
            return

    def _may_say(self, option: Option, authored: Sequence[str]) -> bool:
        if option.cues and not option.cues & self.message_words:
            return False
        if not option.slots <= self.slots.keys() or ("words" in option.slots and self._quoted):
            return False
        return not any(
            len(words(sentence)) >= LONG_ENOUGH and pattern(sentence).search(self._said)
            for sentence in authored
        )


def filled(sentence: str, slots: Mapping[str, str]) -> str:
    """Give the sentence with its slots filled, its first letter a capital."""
    text = SLOT.sub(lambda match: slots[match.group(1)], sentence)
    return text[:1].upper() + text[1:]


def pattern(sentence: str) -> re.Pattern[str]:
    """Find an authored sentence in what was said, whatever its slots were filled with."""
    pieces = SLOT.split(sentence)[::2]
    return re.compile(".+?".join(map(re.escape, pieces)), re.IGNORECASE)


def _slots(brief: SpeakingBrief) -> dict[str, str]:
    slots: dict[str, str] = {}
    phrase = quotable(brief)
    if phrase:
        slots["words"] = f"“{phrase}”"
    who = speaker(brief.message, brief.words[0] if brief.words else None)
    if who:
        slots |= {"speaker": who, "speakers": possessive(who)}
    return slots


def quotable(brief: SpeakingBrief) -> str | None:
    """Give the phrase of the person's to quote: the strongest one that reads well in quotes.

    News and plans are met by what they begin with; elsewhere the words the reading rests on lead.
    """
    everyday = brief.situation is Situation.EVERYDAY
    for span in clauses(brief.message) if everyday else brief.words:
        phrase = span.of(brief.message).strip(" .,!?;:'\"“”‘’")
        if _QUESTION.match(phrase):
            continue
        if 2 <= len(words(phrase)) <= 10 and "\n" not in phrase and phrase.isprintable():
            return phrase
    return None


_QUESTION = re.compile(r"(?:why|how|should|shall|do|does|is|are|can|could|any)\b", re.IGNORECASE)
"""A question is answered, not quoted."""


def recalled_as(reflection: Reflection, mode: Mode) -> str:
    """Give which recall lines fit: the mode's own kind, or the neutral ones."""
    own = {
        (ReflectionKind.AUTHORSHIP, Mode.BOUNDARY): "authorship",
        (ReflectionKind.CONNECTION, Mode.OPENNESS): "connection",
    }
    return own.get((reflection.kind, mode), "moment")
