"""The language model's voice: one mode's prompt, whole sentences, the embedded voice's port.

What it says is only proposed; the guard decides about each sentence.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Protocol

from companion.domain import Mode, OldRule, Situation
from companion.errors import ContextOverflow, ModelError, PoorReply
from companion.models.budget import Fitted, estimate, fit
from companion.models.metered import metered
from companion.models.prompt import as_data, in_tags, prompt, uncontrolled
from companion.people import possessive, speaker
from companion.ports import ChatMessage, ChatModel, Draft, SpeakingBrief
from companion.text import sentences, sounds_under_18, words
from companion.usage import Usage
from companion.voice.details import Details
from companion.voice.embedded import when
from companion.voice.exchanges import AuthoredExchange
from companion.voice.sentence_stream import SentenceStream
from companion.voice.speech import filled

MOST_SENTENCES = 8
MOST_TOKENS = 320
"""Of a reply. Five sentences take about 120."""
AMENDMENT_TOKENS = 80
ROOM = MOST_TOKENS + 160
"""Tokens of the window that the request leaves: for the reply, and for asking to replace some."""
SHORTENED = 2
"""How often a request that was longer than the window is sent again, shorter."""
REPEATS = 3
"""A sentence said this often is a model going round in circles."""

PROMPTS: Mapping[Situation, str] = {
    Situation.MEANING_ATTACKED: "boundary",
    Situation.IDENTITY_SHAMED: "boundary_refusal",
    Situation.SAFETY_MISSING: "openness",
    Situation.LOVE_REVOKED: "openness_remembrance",
    Situation.EVERYDAY: "everyday",
}
REPAIRS: Mapping[Mode, str] = {
    Mode.BOUNDARY: "I can say no without losing love.",
    Mode.OPENNESS: "I can stay open without surrendering myself.",
}
OLD_RULES: Mapping[OldRule, str] = {
    OldRule.SAFETY_REQUIRES_COMPLIANCE: "being safe means giving in.",
    OldRule.LOVE_CAN_BE_REVOKED: "love can be taken back at any time.",
    OldRule.BOUNDARIES_MEAN_ABANDONMENT: "whoever says no is left.",
    OldRule.OPENNESS_INVITES_PUNISHMENT: "what is shown is used against you.",
}


class Examples(Protocol):
    """Finds authored exchanges like a brief; the embedded voice does."""

    def examples(self, brief: SpeakingBrief, limit: int) -> Sequence[AuthoredExchange]: ...


class LanguageModelVoice:
    """Implements `ports.Voice` over any ChatModel. Thread-safe."""

    def __init__(self, model: ChatModel, embedded: Examples) -> None:
        self._model = model
        self._embedded = embedded
        self._last = threading.local()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def host(self) -> str | None:
        return self._model.host

    def usage(self) -> Usage:
        spent: Usage = getattr(self._last, "usage", Usage())
        return spent

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        self._last.usage = Usage()
        overflow: ContextOverflow | None = None
        for _ in range(1 + SHORTENED):
            try:
                yield from self._said(brief)
            except ContextOverflow as error:
                # Told before the first word: the window is smaller than was thought.
                overflow = error
            except ModelError as error:
                raise overflow or error from None
            else:
                return
        assert overflow
        raise overflow

    def _said(self, brief: SpeakingBrief) -> Iterator[Draft]:
        fitted = self._request(brief)
        self._note(Usage(turns_left_out=fitted.dropped))
        counted: Counter[str] = Counter(_key(sentence) for sentence in brief.already)
        pieces = self._whole(fitted.messages, fitted.tokens, MOST_TOKENS)
        said = 0
        try:
            for sentence in pieces:
                counted[_key(sentence)] += 1
                if counted[_key(sentence)] >= REPEATS:
                    raise PoorReply(f"{self.name} kept repeating itself, so its reply was stopped.")
                if counted[_key(sentence)] > 1:
                    continue
                said += 1
                yield Draft(sentence)
                if said == MOST_SENTENCES:
                    return
        finally:
            pieces.close()
        if not said:
            raise PoorReply(f"{self.name} gave no reply; check that it is a chat model.")

    def prepare(self) -> None:
        """Have the model read what every reply begins with, so that no first reply waits for it."""
        for situation in Situation:
            hello = ChatMessage("user", "Hello.")
            asked = [ChatMessage("system", system_prompt(situation)), hello]
            with suppress(ModelError), closing(self._model.stream(asked, max_tokens=1)) as pieces:
                next(pieces, None)

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        asked = prompt("_amend").render(withheld=as_data(withheld), reason=reason)
        try:
            fitted = self._request(brief)
            messages = (
                *fitted.messages,
                ChatMessage("assistant", " ".join((*brief.already, withheld))),
                ChatMessage("user", asked),
            )
            tokens = fitted.tokens + estimate(withheld + asked)
            pieces = self._whole(messages, tokens, AMENDMENT_TOKENS)
            try:
                sentence = next(pieces, None)
            finally:
                pieces.close()
        except ModelError:
            return None
        seen = {_key(withheld), *map(_key, brief.already)}
        return Draft(sentence) if sentence and _key(sentence) not in seen else None

    def _whole(
        self, messages: Sequence[ChatMessage], tokens: int, most: int
    ) -> Generator[str, None, None]:
        """Yield whole sentences as they complete."""
        stream, ended = SentenceStream(), None
        with closing(metered(self._model, messages, tokens, most, self._note)) as pieces:
            while ended is None:
                try:
                    piece = next(pieces)
                except StopIteration as stop:
                    ended = stop.value
                    yield from stream.rest(cut=stop.value.reason == "length")
                else:
                    yield from stream.feed(piece)

    def _note(self, usage: Usage) -> None:
        self._last.usage = self.usage() + usage

    def _request(self, brief: SpeakingBrief) -> Fitted:
        limit = self._model.context - ROOM
        try:
            return self._fitted(brief, 3, limit)
        except ModelError:
            return self._fitted(brief, 0, limit)

    def _fitted(self, brief: SpeakingBrief, examples: int, limit: int) -> Fitted:
        return fit(
            self._model.count,
            ChatMessage("system", system_prompt(brief.situation)),
            [(uncontrolled(turn.message), uncontrolled(turn.reply)) for turn in brief.history],
            ChatMessage("user", asked_now(brief, self._examples(brief, examples))),
            limit,
        )

    def _examples(self, brief: SpeakingBrief, limit: int) -> list[dict[str, str]]:
        if not limit:
            return []
        found = self._embedded.examples(brief, limit)
        return [{"message": as_data(one.message), "reply": reply_of(one)} for one in found]


def system_prompt(situation: Situation) -> str:
    """Give the one mode's instructions: the same for every turn of the situation.

    A server keeps what it has read of a prompt for as long as it begins the same, so all that
    changes from turn to turn stands behind the conversation, in `asked_now`.
    """
    return prompt(PROMPTS[situation]).render()


def asked_now(brief: SpeakingBrief, examples: Sequence[Mapping[str, str]]) -> str:
    """Give the last request: what is known of this moment, then the message, all between tags."""
    return prompt("_moment").render(
        examples=examples,
        words=[as_data(span.of(brief.message)) for span in brief.words[:3]],
        notes=[
            {"kept": when(note.kept_at, brief.now), "text": as_data(note.text)}
            for note in brief.recalled
        ],
        old_rule=_old_rule(brief),
        repair=REPAIRS[brief.mode],
        under_18=sounds_under_18(brief.message),
        message=in_tags(brief.message),
    )


def _old_rule(brief: SpeakingBrief) -> str | None:
    # Good company on an ordinary day repairs nothing.
    if brief.old_rule is None or brief.situation is Situation.EVERYDAY:
        return None
    return OLD_RULES[brief.old_rule]


def reply_of(exchange: AuthoredExchange) -> str:
    """Give an exchange's reply: of each move the first wording that fits its own message."""
    details = Details(exchange.message)
    who = speaker(exchange.message, None)
    slots = {"speaker": who, "speakers": possessive(who)} if who else {}
    said = []
    for offered in exchange.moves.values():
        for option in offered:
            told = not option.cues or details.told(option.cues)
            if told and option.slots <= slots.keys():
                said.append(" ".join(filled(sentence, slots) for sentence in sentences(option.say)))
                break
    return as_data(" ".join(said))


def _key(sentence: str) -> str:
    return " ".join(words(sentence))
