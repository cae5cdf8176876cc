"""Play conversations to a companion that remembers nothing else, and note what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from companion.core import Companion
from companion.domain import Reflection, Situation
from companion.events import Crisis, Finished, Reading, Recalled, Replaced, Sentence
from companion.text import words
from companion.voice.details import Details, stem
from companion.voice.exchanges import load
from companion.voice.speech import shape

_COMMON = frozenset(
    stem(word)
    for word in """
    a about after again all am an and any are as at be because been before being but by can could
    day did do does doing done down for from get go going got had has have he her here hers him his
    how i if in into is it its just know like made make me mine more most much my myself no not now
    of off on one only or other our out over own really said same say says she should so some still
    than that the their them then there these they thing this those through to today too told up us
    very was we went were what when where which while who why will with would yes yet you your
    i'm it's don't i've that's can't didn't i'll im dont ive thats cant didnt ok lol idk
    """.split()
)
"""Stems that say nothing of a particular message."""
_QUOTED = re.compile(r"“([^”]+)”")


@dataclass(frozen=True)
class Played:
    """One turn: what was written, how it was read, what was said and what was withheld."""

    message: str
    situation: Situation | None
    sentences: tuple[str, ...]
    withheld: tuple[str, ...]
    recalled: tuple[Reflection, ...]
    seconds: float

    @property
    def reply(self) -> str:
        return " ".join(self.sentences)

    @property
    def crisis(self) -> bool:
        return self.situation is None

    @property
    def shapes(self) -> tuple[str, ...]:
        return tuple(shape(sentence) for sentence in self.sentences)

    @property
    def echoes(self) -> bool:
        """Say whether the reply carries a word of this message, or a quotation from it."""
        quoted = [phrase for phrase in _QUOTED.findall(self.reply) if phrase in self.message]
        told = {stem(word) for word in words(self.message)} - _COMMON
        return bool(quoted or told & {stem(word) for word in words(self.reply)})

    @property
    def detailed(self) -> bool:
        """Say whether it carries a detail: an echo, or a sentence tied to what the message tells.

        "Your father" is a detail of "my dad", though no word is the same.
        """
        details = Details(self.message)
        return self.echoes or any(
            details.told(tied_to().get(sentence, frozenset())) for sentence in self.sentences
        )


@cache
def tied_to() -> dict[str, frozenset[str]]:
    """Give, for every authored sentence with a detail of its own, the cues it is tied to."""
    return {
        sentence: option.cues or one.told
        for one in load()
        for offered in one.moves.values()
        for option in offered
        for sentence in option.sentences
        if option.cues or one.told
    }


def play(companion: Companion, messages: Sequence[str]) -> Iterator[Played]:
    """Send the messages as one conversation and yield each turn."""
    person = companion.journal.person().id
    conversation = companion.journal.start_conversation(person, companion.workflow.use.clock())
    for message in messages:
        situation: Situation | None = None
        said: list[str] = []
        withheld: list[str] = []
        recalled: tuple[Reflection, ...] = ()
        seconds = 0.0
        for event in companion.reply(person, conversation, message):
            match event:
                case Reading():
                    situation = event.situation
                case Recalled():
                    recalled = event.reflections
                case Sentence() | Crisis():
                    said.append(event.text)
                case Replaced():
                    withheld.append(event.text)
                case Finished():
                    seconds = event.seconds["total"]
        yield Played(message, situation, tuple(said), tuple(withheld), recalled, seconds)
