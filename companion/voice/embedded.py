"""The embedded voice: speaks authored exchanges to this person, in this message's own words.

The nearest exchanges by meaning give the moves. The person's words, quoted and never inflected, the
speaker and a recalled reflection go into slots. A wording with a detail in it is spoken only when
the detail is in the message. Nothing is said twice in a conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from companion.domain import POLICY, Mode, Move, Situation
from companion.language import other_language
from companion.people import speakers
from companion.ports import Draft, Embedder, SpeakingBrief
from companion.prompts import document
from companion.text import in_context, plain, sounds_under_18, words
from companion.vectors import shipped_vectors
from companion.voice.exchanges import AuthoredExchange, load, options
from companion.voice.intents import Intents, asks_for_advice, context_of, replies
from companion.voice.speech import Speech, recalled_as

CUE, RELATION, OLD_RULE = 0.05, 0.06, 0.03
"""What a shared detail, person or old rule adds to a cosine when exchanges are ranked."""
ALIKE = 0.43
"""Cosine below which no shared detail makes an exchange near."""
NEAR = 0.5
"""Score that an exchange needs to be said rather than one whose every sentence fits any message."""
BRIEF_MESSAGE = 9
"""Words. A message this short gets two moves, no more."""
BARE_QUESTION = 12
"""Words. A question this short has nothing else in it to meet."""


class EmbeddedVoice:
    """Speaks without a language model. Thread-safe: a brief holds all there is to know."""

    name = "embedded"

    def __init__(
        self, embedder: Embedder, exchanges: Sequence[AuthoredExchange] | None = None
    ) -> None:
        self._embedder = embedder
        self._exchanges = tuple(exchanges or load())
        messages = [plain(exchange.message) for exchange in self._exchanges]
        self._vectors = shipped_vectors(embedder, messages)
        self._intents = Intents(embedder)

    def usage(self) -> Mapping[str, int]:
        return {}

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        speech = Speech(brief)
        intent = self._intents.of(brief.message, brief.situation, brief.history)
        if intent and not brief.already:
            yield from self._meet_intent(intent, speech)
            return
        ranked = self._ranked(brief)
        asked = asks_for_advice(brief.message)
        bare = asked and len(words(brief.message)) <= BARE_QUESTION
        if bare and brief.situation is Situation.EVERYDAY and ranked[0].fits_any:
            # A question about anything at all: the honest answer, and no small talk before it.
            yield from self._lines("advice_everyday", speech)
            return
        for place, move in enumerate(_moves(brief)):
            yield from self._move(move, ranked, speech)
            if place == 1:
                yield from self._remember(speech)
        if asked:
            yield from self._advise(speech)
        if sounds_under_18(brief.message) and brief.situation is not Situation.EVERYDAY:
            yield from self._lines("under_18", speech)

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        """Give a line that is always true and kind, if nothing else of the reply could be shown."""
        if brief.already:
            return None
        return next(self._lines("least", Speech(brief)), None)

    def examples(self, brief: SpeakingBrief, limit: int) -> tuple[AuthoredExchange, ...]:
        """Give the nearest exchanges of the brief's situation, best first."""
        return tuple(self._ranked(brief)[:limit])

    def _ranked(self, brief: SpeakingBrief) -> list[AuthoredExchange]:
        before = brief.history[-1].message if brief.history else None
        vector = self._embedder.embed([in_context(brief.message, before)[-900:]])[0]
        said = frozenset(words(brief.message))
        people = {name.split()[-1] for _, name in speakers(brief.message)}
        ranked = []
        for exchange, cosine in zip(self._exchanges, self._vectors @ vector):
            if exchange.situation is brief.situation:
                score = float(cosine)
                score += CUE * sum(
                    any(option.cues & said for option in offered)
                    for offered in exchange.moves.values()
                )
                score += RELATION * (exchange.relation in people)
                score += OLD_RULE * (bool(brief.old_rule) and exchange.old_rule is brief.old_rule)
                if exchange.fits_any:
                    # Among those that fit any message, the nearer still goes first.
                    score = NEAR + score / 100
                elif cosine < ALIKE:
                    score = min(score, NEAR - 0.01)
                ranked.append((score, exchange))
        ranked.sort(key=lambda item: -item[0])
        return [exchange for _, exchange in ranked]

    def _move(
        self, move: Move, ranked: Sequence[AuthoredExchange], speech: Speech
    ) -> Iterator[Draft]:
        """Say the move from the exchange the reply has begun with, or from the next that can."""
        begun = [speech.exchange] if speech.exchange else []
        for exchange in [*begun, *ranked]:
            drafts = list(speech.say(exchange.moves[move], exchange.message))
            if drafts:
                speech.exchange = speech.exchange or exchange
                yield from drafts
                return

    def _lines(self, name: str, speech: Speech, mode: Mode | None = None) -> Iterator[Draft]:
        said = options(replies(name, mode or speech.brief.mode))
        return speech.say(said, context_of(name))

    def _remember(self, speech: Speech) -> Iterator[Draft]:
        for reflection in speech.brief.recalled[:1]:
            speech.slots["memory"] = f"“{reflection.text.strip()}”"
            speech.slots["when"] = when(reflection.kept_at, speech.brief.now)
            authored = document("lines")["recall"][recalled_as(reflection, speech.brief.mode)]
            yield from speech.say(options(authored), "")

    def _advise(self, speech: Speech) -> Iterator[Draft]:
        if speech.exchange:
            drafts = list(speech.say(speech.exchange.advice, speech.exchange.message))
            if drafts:
                yield from drafts
                return
        yield from self._lines(f"advice_{speech.brief.situation.value}", speech)

    def _meet_intent(self, intent: str, speech: Speech) -> Iterator[Draft]:
        brief = speech.brief
        if intent == "other_language":
            here = document("lines")[intent].get("in", {}).get(other_language(brief.message))
            yield from speech.say(options([here] if here else []), "")
        yield from self._lines(intent, speech, held_mode(brief))
        if sounds_under_18(brief.message):
            yield from self._lines("under_18", speech)


def _moves(brief: SpeakingBrief) -> tuple[Move, ...]:
    if brief.already:
        return brief.moves[-1:]
    return brief.moves[:2] if len(words(brief.message)) <= BRIEF_MESSAGE else brief.moves


def held_mode(brief: SpeakingBrief) -> Mode:
    """A push is met in the mode it pushes against, which the message alone may not show."""
    for turn in reversed(brief.history):
        if turn.situation and turn.situation is not Situation.EVERYDAY:
            return POLICY[turn.situation].mode
    return brief.mode


def when(then: datetime, now: datetime) -> str:
    """Give a date as a person would say it, without a preposition."""
    then = then.astimezone(now.tzinfo)
    days = (now.date() - then.date()).days
    if days <= 0:
        return "earlier today"
    if days == 1:
        return "yesterday"
    if then.year == now.year or days < 180:
        return f"{then.day} {then:%B}"
    return f"{then.day} {then:%B} {then.year}"
