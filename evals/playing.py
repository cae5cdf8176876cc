"""Play conversations to a companion that remembers nothing else, and note what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from companion.core import Companion
from companion.domain import (
    NO_CRISIS,
    Contact,
    CrisisKind,
    CrisisLevel,
    Mode,
    Reflection,
    ReflectionKind,
    Situation,
)
from companion.events import Crisis, Event, Finished, Reading, Recalled, Replaced, Sentence
from companion.ports import Turn
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
NOW = datetime(2026, 3, 9, 21, 30, tzinfo=UTC)
"""An evening; every case is played on it unless it says otherwise."""
_QUOTED = re.compile(r"“([^”]+)”")


@dataclass(frozen=True)
class Played:
    """One turn: what was written, how it was read, what was said and what was withheld.

    `level` is the danger that stands after the turn; `situation` and `mode` are None where vetted
    text was said. `trace` is all that happened, as JSON values.
    """

    message: str
    situation: Situation | None
    mode: Mode | None
    level: CrisisLevel
    kind: CrisisKind | None
    contacts: tuple[Contact, ...]
    contacts_first: bool
    help_near: bool
    sentences: tuple[str, ...]
    withheld: tuple[str, ...]
    recalled: tuple[Reflection, ...]
    seconds: Mapping[str, float]
    trace: Mapping[str, Any]

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


def play(
    companion: Companion,
    messages: Sequence[str],
    *,
    reflections: Sequence[Reflection] = (),
    country: str | None = None,
    now: datetime = NOW,
) -> Iterator[Played]:
    """Send the messages as one conversation of somebody with these reflections; yield each turn."""
    alone = companion.alone(lambda: now)
    person = replace(alone.journal.person(), country=country)
    alone.journal.save_person(person)
    for reflection in reflections:
        alone.memory.keep(person.id, reflection)
    conversation = alone.journal.start_conversation(person.id, now)
    for message in messages:
        events = list(alone.reply(person.id, conversation, message))
        yield _played(message, events, alone.journal.turns(conversation)[-1])


def _played(message: str, events: Sequence[Event], turn: Turn) -> Played:
    read = next((event for event in events if isinstance(event, Reading)), None)
    danger = next((event for event in events if isinstance(event, Crisis)), None)
    state = turn.crisis or NO_CRISIS
    recalled = next((event.reflections for event in events if isinstance(event, Recalled)), ())
    return Played(
        message,
        read.situation if read else None,
        read.mode if read else None,
        state.level,
        danger.state.kind if danger else None,
        danger.contacts if danger else (),
        danger.contacts_first if danger else False,
        read.help_near if read else False,
        tuple(event.text for event in events if isinstance(event, Sentence | Crisis)),
        tuple(event.text for event in events if isinstance(event, Replaced)),
        recalled,
        next(event.seconds for event in events if isinstance(event, Finished)),
        {
            "message": message,
            "reply": turn.reply,
            **turn.trace,
            "contacts": [f"{one.name}: {one.value}" for one in danger.contacts] if danger else [],
            "crisis": state.level.value,
        },
    )


def kept(rows: Sequence[Mapping[str, Any]]) -> tuple[Reflection, ...]:
    """Give the reflections of a case."""
    return tuple(
        Reflection(
            row["id"],
            ReflectionKind(row["kind"]),
            row["text"],
            datetime.fromisoformat(row["date"]).replace(hour=20, tzinfo=UTC),
        )
        for row in rows
    )
