"""Messages in, events out: each request is answered by an empty Companion of its own."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime

from companion.core import Companion
from companion.events import Event
from companion.ports import Reader
from companion.serving.asking import Asked
from companion.serving.past import Past
from companion.serving.stopping import StoppingVoice


@dataclass(frozen=True)
class Answering:
    """Answers requests. Thread-safe.

    `first` is a Companion in memory; each request gets one that shares its models and nothing else.
    `reader` reads the past; `country` is whose helplines are given where a request names none.
    """

    first: Companion
    reader: Reader
    country: str | None = None

    @property
    def voice(self) -> str:
        return self.first.workflow.use.voice.name

    @property
    def host(self) -> str | None:
        """Give the host that words leave this computer for, or None when they stay."""
        return self.first.workflow.use.voice.host

    def country_of(self, asked: Asked) -> str | None:
        return asked.country or self.country

    def events(self, asked: Asked, gone: threading.Event) -> Generator[Event]:
        """Yield the events of the reply to the last message, and stop soon once `gone` is set.

        Raises stopping.Gone then.
        """
        now = asked.now or datetime.now().astimezone()
        companion = _stopping(self.first.alone(clock=lambda: now), gone)
        person = replace(companion.journal.person(), country=self.country_of(asked))
        companion.journal.save_person(person)
        for reflection in asked.reflections:
            companion.memory.keep(person.id, reflection)
        conversation = companion.journal.start_conversation(person.id, now)
        companion = Past(companion, self.reader, conversation).tell(asked.said)
        yield from companion.reply(person.id, conversation, asked.said.message)


def _stopping(companion: Companion, gone: threading.Event) -> Companion:
    use = companion.workflow.use
    if use.voice is use.embedded:
        # It is done in a blink, and must stay the one voice that nothing takes over from.
        return companion
    use = replace(use, voice=StoppingVoice(use.voice, gone))
    return replace(companion, workflow=replace(companion.workflow, use=use))
