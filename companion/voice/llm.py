"""The language model's voice: one mode's prompt, whole sentences, the embedded voice's port.

What it says is only proposed; the guard decides about each sentence.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Protocol

from companion.domain import OldRule, Situation
from companion.errors import ModelError
from companion.models.budget import Fitted, estimate, fit
from companion.models.prompt import as_data, prompt, uncontrolled
from companion.people import possessive, speaker
from companion.ports import ChatMessage, ChatModel, Draft, Ended, SpeakingBrief
from companion.text import sentences, sounds_under_18, words
from companion.voice.details import Details
from companion.voice.embedded import when
from companion.voice.exchanges import AuthoredExchange
from companion.voice.speech import filled

MOST_SENTENCES = 8
MOST_TOKENS = 320
"""Of a reply. Five sentences take about 120."""
AMENDMENT_TOKENS = 80
ROOM = MOST_TOKENS + 160
"""Tokens of the window that the request leaves: for the reply, and for asking to replace some."""
REPEATS = 3
"""A sentence said this often is a model going round in circles."""

PROMPTS: Mapping[Situation, str] = {
    Situation.MEANING_ATTACKED: "boundary",
    Situation.IDENTITY_SHAMED: "boundary_refusal",
    Situation.SAFETY_MISSING: "openness",
    Situation.LOVE_REVOKED: "openness_remembrance",
    Situation.EVERYDAY: "everyday",
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

    def usage(self) -> Mapping[str, int]:
        """Give `prompt` and `completion` tokens, `turns_left_out` of the history where any were."""
        return dict(getattr(self._last, "usage", {}))

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        self._last.usage = {}
        fitted = self._request(brief)
        if fitted.dropped:
            self._last.usage["turns_left_out"] = fitted.dropped
        counted: Counter[str] = Counter(_key(sentence) for sentence in brief.already)
        pieces = self._whole(fitted.messages, fitted.tokens, MOST_TOKENS)
        said = 0
        try:
            for sentence in pieces:
                counted[_key(sentence)] += 1
                if counted[_key(sentence)] >= REPEATS:
                    raise ModelError(
                        f"{self.name} kept repeating itself, so its reply was stopped."
                    )
                if counted[_key(sentence)] > 1:
                    continue
                said += 1
                yield Draft(sentence)
                if said == MOST_SENTENCES:
                    return
        finally:
            pieces.close()
        if not said:
            raise ModelError(f"{self.name} gave no reply; check that it is a chat model.")

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
        """Yield whole sentences as they complete, and count what they cost."""
        stream, ended, written = SentenceStream(), None, 0
        pieces = self._model.stream(messages, max_tokens=most)
        try:
            while ended is None:
                try:
                    piece = next(pieces)
                except StopIteration as stop:
                    ended = stop.value or Ended("stop")
                    yield from stream.rest(cut=ended.reason == "length")
                else:
                    written += estimate(piece)
                    yield from stream.feed(piece)
        finally:
            pieces.close()
            given = ended or Ended("stopped")
            self._spent(
                tokens if given.prompt_tokens is None else given.prompt_tokens,
                written if given.completion_tokens is None else given.completion_tokens,
            )

    def _spent(self, prompt_tokens: int, completion_tokens: int) -> None:
        usage: dict[str, int] = self._last.__dict__.setdefault("usage", {})
        usage["prompt"] = usage.get("prompt", 0) + prompt_tokens
        usage["completion"] = usage.get("completion", 0) + completion_tokens

    def _request(self, brief: SpeakingBrief) -> Fitted:
        limit = self._model.context - ROOM
        try:
            return self._fitted(brief, 3, limit)
        except ModelError:
            return self._fitted(brief, 0, limit)

    def _fitted(self, brief: SpeakingBrief, examples: int, limit: int) -> Fitted:
        system = ChatMessage("system", system_prompt(brief, self._examples(brief, examples)))
        return fit(
            self._model.count,
            system,
            [(uncontrolled(turn.message), turn.reply) for turn in brief.history],
            ChatMessage("user", uncontrolled(brief.message)),
            limit,
        )

    def _examples(self, brief: SpeakingBrief, limit: int) -> list[dict[str, str]]:
        if not limit:
            return []
        found = self._embedded.examples(brief, limit)
        return [{"message": as_data(one.message), "reply": reply_of(one)} for one in found]


def system_prompt(brief: SpeakingBrief, examples: Sequence[Mapping[str, str]]) -> str:
    """Give the brief's one mode as instructions. What people wrote is data in it, between tags."""
    return prompt(PROMPTS[brief.situation]).render(
        examples=examples,
        words=[as_data(span.of(brief.message)) for span in brief.words[:3]],
        notes=[
            {"kept": when(note.kept_at, brief.now), "text": as_data(note.text)}
            for note in brief.recalled
        ],
        old_rule=OLD_RULES[brief.old_rule] if brief.old_rule else None,
        under_18=sounds_under_18(brief.message),
    )


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


_END = re.compile(r"[.!?…]+[*_]*[\"'”’)\]]*(?=\s+\S)|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|e\.g|i\.e|[ap]\.m))\.$|^\s*\d+\.$")
_PROPER_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_BULLET = re.compile(
    r"^(?:[-*•–]\s+|\d+[.)]\s+|#{1,6}\s+|(?:companion|assistant|reply)\s*:\s*)+", re.I
)
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_LONGEST = 600
"""Characters without an end of sentence after which nothing readable will come."""


class SentenceStream:
    """Turns pieces of text into whole, tidied sentences. A leading `<think>` part is not spoken."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """Give the sentences this piece completes. Raises ModelError when none ever ends."""
        self._text += piece
        if "<think>".startswith(self._text.lstrip()[:7]):
            thought = _THOUGHT.match(self._text)
            if not thought:
                return []
            self._text = self._text[thought.end() :]
        whole, start = [], 0
        for end in _END.finditer(self._text):
            if not _ABBREVIATION.search(self._text[start : end.end()]):
                whole.append(self._text[start : end.end()])
                start = end.end()
        self._text = self._text[start:]
        if len(self._text) > _LONGEST:
            raise ModelError("The model wrote on without an end, so its reply was stopped.")
        return _tidied(whole)

    def rest(self, *, cut: bool) -> list[str]:
        """Give what is left at the end; what a length limit `cut` in mid-sentence is dropped."""
        left, self._text = self._text.strip(), ""
        if left.startswith("<think>") or (cut and not _PROPER_END.search(left)):
            return []
        return _tidied([left])


def _tidied(pieces: Sequence[str]) -> list[str]:
    tidy = (_EMPHASIS.sub("", _BULLET.sub("", piece.strip())).strip() for piece in pieces)
    return [sentence for sentence in tidy if words(sentence)]


def _key(sentence: str) -> str:
    return " ".join(words(sentence))
