"""One reply of the embedded voice in the making: what was said so far, what the slots hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from companion.domain import Mode, Reflection, ReflectionKind, Situation, Span
from companion.people import meant, possessive, speaker
from companion.ports import Draft, SpeakingBrief
from companion.text import clauses, sentences, without_quotations, words
from companion.voice.details import Details
from companion.voice.exchanges import SLOT, AuthoredExchange, Option
from companion.voice.pressure import held

LONG_ENOUGH = 3
"""Words. Shorter sentences ("No.") may come twice in a conversation."""
SHAPED = 6
"""Words from which a sentence has a shape that can be recognised when it comes again."""
DETAILED = frozenset({"words", "earlier", "speaker", "speakers"})
"""Slots that carry something of this person's."""
SHORT_QUOTE, LONGEST_QUOTE = 7, 10
"""Words. A short phrase is quoted rather than a longer one."""
ANSWER = 22
"""Words. A longer message tells something of its own, and is no mere answer."""
RECENT = 2
"""Replies whose openings are not used again."""


class Speech:
    """Says options to one person: fills their slots, and says nothing twice in a conversation.

    `detailed` is whether the reply carries something of the message yet.
    """

    def __init__(self, brief: SpeakingBrief) -> None:
        self.brief = brief
        self.exchange: AuthoredExchange | None = None
        self.details = Details(brief.message)
        self.slots = _slots(brief)
        self.detailed = False
        self.said = 0
        replies = [turn.reply for turn in brief.history]
        self._said = "\n".join([*replies, *brief.already])
        spoken = [one for reply in [*replies, *brief.already] for one in sentences(reply)]
        self._shapes = {shape(one) for one in spoken if len(words(one)) >= SHAPED}
        recent = [one for reply in replies[-RECENT:] for one in sentences(reply)]
        self._openings = {opening(one) for one in [*recent, *brief.already]}
        self._quoted = False

    def say(
        self, offered: Sequence[Option], context: str, room: int | None = None
    ) -> Iterator[Draft]:
        """Yield the sentences of the first option that may be said here and has not been.

        `context` is the message the options were written for, `room` how many sentences fit.
        """
        for option in offered:
            if not self.may_say(option, room):
                continue
            self._quoted |= bool({"words", "earlier"} & option.slots)
            self.detailed |= bool(option.cues or DETAILED & option.slots)
            for sentence in option.sentences:
                text = filled(sentence, self.slots)
                self._said += f"\n{text}"
                self._shapes.add(shape(text))
                self._openings.add(opening(text))
                self.said += 1
                yield Draft(text, sentence, context)
            return

    def may_say(self, option: Option, room: int | None = None) -> bool:
        if room is not None and len(option.sentences) > room:
            return False
        if option.cues and not any(map(self.details.holds, option.cues)):
            return False
        if not option.slots <= self.slots.keys():
            return False
        if self._quoted and {"words", "earlier"} & option.slots:
            return False
        return not any(map(self._was_said, option.sentences))

    def has_said(self, text: str) -> bool:
        return text in self._said

    def begins_alike(self, option: Option) -> bool:
        """Say whether the option begins as a sentence of this reply or of the last ones did."""
        return opening(filled(option.say, self.slots)) in self._openings

    def _was_said(self, sentence: str) -> bool:
        text = filled(sentence, self.slots)
        length = len(words(text))
        if length < LONG_ENOUGH:
            return False
        if length >= SHAPED and shape(text) in self._shapes:
            return True
        return bool(pattern(sentence).search(self._said))


def filled(sentence: str, slots: Mapping[str, str]) -> str:
    """Give the sentence with its slots filled, its first letter a capital."""
    text = SLOT.sub(lambda match: slots[match.group(1)], sentence)
    return text[:1].upper() + text[1:]


def pattern(sentence: str) -> re.Pattern[str]:
    """Find an authored sentence in what was said, whatever its slots were filled with."""
    pieces = SLOT.split(sentence)[::2]
    return re.compile(".+?".join(map(re.escape, pieces)), re.IGNORECASE)


_GLUE = frozenset(
    """
    a about all an and any are as at be been but by can could did do does don't else even for from
    get gets had has have he her here him his how i if in into is isn't it it's its just more much
    no nobody not now of on once one only or other out over own say says she so some still than
    that that's the their them then there there's they this those to too up was what what's when
    where which while who will with without you you're your yours
    """.split()
)


def shape(sentence: str) -> str:
    """Give a sentence's skeleton: its small words, with a gap for every run of others."""
    kept = [word if word in _GLUE else "_" for word in words(without_quotations(sentence))]
    return " ".join(
        word for place, word in enumerate(kept) if word != "_" or kept[place - 1 : place] != ["_"]
    )


def opening(sentence: str) -> str:
    return " ".join(words(sentence)[:2])


def _slots(brief: SpeakingBrief) -> dict[str, str]:
    slots: dict[str, str] = {}
    everyday = brief.situation is Situation.EVERYDAY
    # News and plans are met by what they begin with; elsewhere by the words the reading rests on.
    phrase = quotable(brief.message, clauses(brief.message) if everyday else brief.words)
    if phrase and not _answers(brief):
        slots["words"] = f"“{phrase}”"
    for turn in reversed(brief.history):
        phrase = quotable(turn.message, turn.words)
        if phrase and turn.situation not in {None, Situation.EVERYDAY}:
            slots["earlier"] = f"“{phrase}”"
            break
    who = speaker(brief.message, brief.words[0] if brief.words else None)
    who = who or meant(brief.message, [turn.message for turn in brief.history])
    if who:
        slots |= {"speaker": who, "speakers": possessive(who)}
    return slots


def _answers(brief: SpeakingBrief) -> bool:
    """Say whether a phrase might be the person's own kinder word, come round to under a refusal.

    "I'm a woman who's hurt", said in answer to a reply, must not be quoted as what is refused.
    """
    refuses = brief.mode is Mode.BOUNDARY and held(brief.history) is not None
    return refuses and len(words(brief.message)) <= ANSWER


def quotable(message: str, spans: Sequence[Span]) -> str | None:
    """Give the phrase of the person's to quote: the first of the spans that reads well so."""
    phrases = [span.of(message).strip(" .,!?;:'\"“”‘’") for span in spans]
    readable = [
        phrase
        for phrase in phrases
        if 2 <= len(words(phrase)) <= LONGEST_QUOTE
        and "\n" not in phrase
        and phrase.isprintable()
        and not _QUESTION.match(phrase)
    ]
    short = [phrase for phrase in readable if len(words(phrase)) <= SHORT_QUOTE]
    return next(iter(short or readable), None)


_QUESTION = re.compile(r"(?:why|how|should|shall|do|does|is|are|can|could|any)\b", re.IGNORECASE)
"""A question is answered, not quoted."""


def recalled_as(reflection: Reflection, mode: Mode) -> str:
    """Give which recall lines fit: the mode's own kind, or the neutral ones."""
    own = {
        (ReflectionKind.AUTHORSHIP, Mode.BOUNDARY): "authorship",
        (ReflectionKind.CONNECTION, Mode.OPENNESS): "connection",
    }
    return own.get((reflection.kind, mode), "moment")
