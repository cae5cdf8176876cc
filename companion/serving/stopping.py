"""A voice that stops when nobody listens any more."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import cast

from companion.ports import Draft, SpeakingBrief, Voice
from companion.usage import Usage


class Gone(Exception):
    """The client hung up. No ModelError: another voice must not go on for nobody."""


class StoppingVoice:
    """Implements `ports.Voice` over another. Raises Gone at the next sentence once `gone` is set.

    The model's stream is closed then, so that it stops writing.
    """

    def __init__(self, voice: Voice, gone: threading.Event) -> None:
        self._voice, self._gone = voice, gone

    @property
    def name(self) -> str:
        return self._voice.name

    @property
    def host(self) -> str | None:
        return self._voice.host

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        self._look()
        with closing(cast("Generator[Draft]", self._voice.speak(brief))) as drafts:
            for draft in drafts:
                self._look()
                yield draft

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        self._look()
        return self._voice.amend(brief, withheld, reason)

    def usage(self) -> Usage:
        return self._voice.usage()

    def _look(self) -> None:
        if self._gone.is_set():
            raise Gone
