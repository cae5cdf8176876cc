"""The embedded voice: speaks authored exchanges to this person, in this message's own words.

A message is met as a push against what was held, as an intent that is no situation, or as its
situation. Then the nearest exchanges give the moves, a wording with a detail of the message before
one without. The person's words, quoted and never inflected, the speaker and a recalled reflection
go into slots. Nothing is said twice in a conversation, and where nothing fits, less is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from companion.domain import POLICY, Mode, Move, PastTurn, Situation
from companion.language import other_language
from companion.ports import Draft, Embedder, SpeakingBrief
from companion.prompts import document
from companion.text import sounds_under_18, words
from companion.usage import Usage
from companion.voice.exchanges import AuthoredExchange, Push, load, options
from companion.voice.intents import (
    CLOSES,
    FEW,
    Intents,
    asks_for_advice,
    context_of,
    replies,
)
from companion.voice.library import Library, Moment, Offer
from companion.voice.pressure import Pressure, held
from companion.voice.speech import DETAILED, Speech, recalled_as

SAME_EXCHANGE = 0.06
"""What an option gains when the reply has begun with its exchange: one author, one thread."""
QUOTES, QUOTES_OR_NOTHING = 0.05, 0.2
"""What an option gains for carrying the person's words or the speaker, while nothing else does; the
second where all it could otherwise carry is what is true of anybody."""
BEGINS_ALIKE = 0.08
"""What an option loses when it begins as one of the last sentences did."""
LENGTHS = ((9, 2), (25, 3), (60, 4))
"""Up to so many words of a message, so many sentences of a reply; beyond, `MOST_SENTENCES`."""
MOST_SENTENCES = 5
LOOSELY = 0.5
"""Cosine from which a remark of which nothing else is known counts as a push."""
ADVISES = 0.45
"""Nearness from which another exchange's advice may be given."""


class EmbeddedVoice:
    """Speaks without a language model. Thread-safe: a brief holds all there is to know."""

    name = "embedded"

    def __init__(
        self, embedder: Embedder, exchanges: Sequence[AuthoredExchange] | None = None
    ) -> None:
        authored = tuple(exchanges or load())
        self._library = Library(embedder, authored)
        self._pressure = Pressure(embedder, authored)
        self._intents = Intents(embedder)

    @property
    def host(self) -> None:
        return None

    def usage(self) -> Usage:
        return Usage()

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        speech = Speech(brief)
        # A greeting or a thanks held nothing that could be pushed against.
        turns = [turn for turn in brief.history if not self._intents.spoke(turn.reply)]
        if not brief.already:
            push = self._pressure.of(brief.message, turns)
            intent = self._intents.of(brief.message, brief.history)
            if push and (intent is None or intent.similarity <= push[1]):
                yield from self._hold(push[0], turns, speech)
                return
            if intent and not (intent.name in CLOSES and tells_more(brief)):
                yield from self._meet_intent(intent.name, speech)
                return
        yield from self._answer(turns, speech)

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        """Give a line that is always true and kind, if nothing else of the reply could be shown."""
        if brief.already:
            return None
        return next(self._lines("least", Speech(brief)), None)

    def examples(self, brief: SpeakingBrief, limit: int) -> tuple[AuthoredExchange, ...]:
        """Give the nearest exchanges of the brief's situation, best first."""
        nearest = self._library.nearest(brief.situation, self._library.moment(brief))
        return tuple(exchange for _, exchange in nearest[:limit])

    def _answer(self, turns: Sequence[PastTurn], speech: Speech) -> Iterator[Draft]:
        brief = speech.brief
        moment = self._library.moment(brief)
        situation = brief.situation
        asked = asks_for_advice(brief.message)
        known = situation is not Situation.EVERYDAY or self._library.knows(situation, moment)
        if not known and not asked and not brief.already:
            # A remark without a thing in it may be most like a push, or an answer, and is met so.
            push = self._pressure.of(brief.message, turns, LOOSELY)
            light = self._intents.loosely(brief.message)
            if light and (push is None or light.similarity >= push[1]):
                yield from self._lines(light.name, speech)
                return
            if push:
                yield from self._hold(push[0], turns, speech)
                return
        moves, room = brief.moves, _room(brief.message)
        if brief.already:
            moves, room = moves[-1:], 2
        for place, move in enumerate(moves if known or not asked else ()):
            # The first move leaves a sentence, so that at least the next one is made as well.
            left = room - speech.said - (place == 0 and len(moves) > 1)
            if left > 0 or not speech.said:
                yield from self._move(situation, move, moment, speech, max(left, 1))
            if place == min(1, len(moves) - 1):
                yield from self._remember(speech)
        if not speech.said and not brief.already and not asked:
            yield from self._lines("least", speech)
        if asked:
            # "What do I even say" is asked about what was told before it.
            about = situation if known else held(turns) or situation
            yield from self._advise(about, moment, speech)
        if sounds_under_18(brief.message) and brief.situation is not Situation.EVERYDAY:
            yield from self._lines("under_18", speech)

    def _move(
        self, situation: Situation, move: Move, moment: Moment, speech: Speech, room: int
    ) -> Iterator[Draft]:
        """Say the best wording of the move that may be said here, or nothing."""
        offers = self._library.offers(situation, move, moment)
        # After two moves that spoke to this message, a sentence true of any would only blur it.
        long = len(words(speech.brief.message)) > LENGTHS[1][0]
        later = move not in POLICY[situation].moves[:2]
        blurs = later and speech.detailed and not long
        sayable = (one for one in offers if one.option.slots <= speech.slots.keys())
        for offer in sorted(sayable, key=lambda one: -self._fit(one, speech)):
            if blurs and offer.exchange.fits_any:
                continue
            drafts = list(speech.say([offer.option], offer.exchange.message, room))
            if drafts:
                speech.detailed |= bool(offer.exchange.told)
                speech.exchange = speech.exchange or offer.exchange
                yield from drafts
                return

    @staticmethod
    def _fit(offer: Offer, speech: Speech) -> float:
        """Give how well a wording goes on from what this reply has said."""
        fit = offer.score + SAME_EXCHANGE * (offer.exchange is speech.exchange)
        if not speech.detailed and offer.option.slots & DETAILED:
            fit += QUOTES_OR_NOTHING if offer.exchange.fits_any else QUOTES
        return fit - BEGINS_ALIKE * speech.begins_alike(offer.option)

    def _hold(self, push: Push, turns: Sequence[PastTurn], speech: Speech) -> Iterator[Draft]:
        """Hold what was held, in other words than before, shorter than before."""
        situation = held(turns)
        assert situation is not None
        answers = self._pressure.answers(push, situation)
        for move in _held_moves(speech.brief, POLICY[situation].moves):
            for exchange in answers:
                drafts = list(speech.say(exchange.moves[move], exchange.message))
                if drafts:
                    yield from drafts
                    break
        if not speech.said:
            yield from self._lines("least", speech, POLICY[situation].mode)

    def _lines(self, name: str, speech: Speech, mode: Mode | None = None) -> Iterator[Draft]:
        said = options(replies(name, mode or speech.brief.mode))
        return speech.say(said, context_of(name))

    def _remember(self, speech: Speech) -> Iterator[Draft]:
        fresh = [one for one in speech.brief.recalled if not speech.has_said(one.text.strip())]
        for reflection in fresh[:1]:
            speech.slots["memory"] = f"“{reflection.text.strip()}”"
            speech.slots["when"] = when(reflection.kept_at, speech.brief.now)
            authored = document("lines")["recall"][recalled_as(reflection, speech.brief.mode)]
            yield from speech.say(options(authored), "")

    def _advise(self, situation: Situation, moment: Moment, speech: Speech) -> Iterator[Draft]:
        nearest = self._library.nearest(situation, moment)
        begun = [speech.exchange] if speech.exchange else []
        near = [one for nearness, one in nearest[:5] if nearness >= ADVISES]
        for exchange in [*begun, *near]:
            drafts = list(speech.say(exchange.advice, exchange.message))
            if drafts:
                yield from drafts
                return
        yield from self._lines(f"advice_{situation.value}", speech)

    def _meet_intent(self, intent: str, speech: Speech) -> Iterator[Draft]:
        brief = speech.brief
        if intent == "other_language":
            here = document("lines")[intent].get("in", {}).get(other_language(brief.message))
            yield from speech.say(options([here] if here else []), "")
        yield from self._lines(intent, speech)
        if sounds_under_18(brief.message):
            yield from self._lines("under_18", speech)


def tells_more(brief: SpeakingBrief) -> bool:
    """Say whether a goodbye stands at the end of something that has to be met first."""
    return brief.situation is not Situation.EVERYDAY and len(words(brief.message)) > FEW


def _room(message: str) -> int:
    """Give how many sentences a reply to the message may have."""
    length = len(words(message))
    return next((most for longest, most in LENGTHS if length <= longest), MOST_SENTENCES)


def _held_moves(brief: SpeakingBrief, moves: Sequence[Move]) -> Sequence[Move]:
    """Give two moves, other ones each time, so that no two pushes are met in one pattern."""
    first = len(brief.history) % len(moves)
    return [moves[first], moves[(first + 1) % len(moves)]]


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
