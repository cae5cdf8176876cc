"""The voices of this person: what the environment names, and what was chosen in the app before.

They are read from the journal alone, so that it also works while the app is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from companion.choosing import chosen, speaking, used_before
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.errors import SettingsError
from companion.ports import Person
from companion.settings import Settings

NOBODY = Person("")
"""Stands for the person of this computer before there is a journal."""


@dataclass(frozen=True)
class Configured:
    """`environment` is EMBEDDED where the environment names no voice."""

    environment: Connection
    person: Person = NOBODY

    @property
    def voices(self) -> tuple[Connection, ...]:
        """Give every voice once, the embedded first."""
        before = used_before(self.person)
        return tuple(dict.fromkeys((EMBEDDED, self.environment, self.wanted, *before)))

    @property
    def wanted(self) -> Connection:
        """Give the voice that is chosen in the app, whether or not it may speak yet."""
        return chosen(self.person, self.environment)

    @property
    def speaking(self) -> Connection:
        """Give the voice that speaks in the app."""
        return speaking(self.person, self.environment)

    @property
    def first(self) -> Connection:
        """Give the voice a command means when none is named: the environment's, else the app's."""
        return self.wanted if self.environment == EMBEDDED else self.environment


def configured(settings: Settings) -> Configured:
    """Give the voices of this person, making no journal. Raises JournalError."""
    if not (settings.data / "journal.db").exists():
        return Configured(settings.connection)
    from companion.memory.journal import open_journal

    journal = open_journal(settings.data, settings.keys)
    try:
        return Configured(settings.connection, journal.person())
    finally:
        journal.close()


def voice_named(text: str, settings: Settings) -> Connection:
    """Give the voice that a person names on the command line.

    Raises SettingsError for what names none, and JournalError.
    """
    if text == EMBEDDED.name:
        return EMBEDDED
    if "://" in text:
        return _at(text)
    if text.lower().endswith(".gguf"):
        path = Path(text).expanduser().resolve()
        if not path.is_file():
            raise SettingsError(f"There is no model file {path}; check the path.")
        return Connection(VoiceKind.FILE, path=path)
    found = [voice for voice in configured(settings).voices if voice.name == text]
    if len(found) > 1:
        places = " or ".join(map(place, found))
        raise SettingsError(f"“{text}” is more than one voice; write which: {places}.")
    if not found:
        raise SettingsError(
            f"There is no voice “{text}”; `companion models list` shows yours, and ADDRESS#MODEL "
            "or the path of a .gguf file name any other."
        )
    return found[0]


def _at(text: str) -> Connection:
    address, _, model = text.partition("#")
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not model:
        raise SettingsError(
            f"“{text}” is not ADDRESS#MODEL; write it like http://127.0.0.1:11434/v1#llama3.2."
        )
    return Connection(VoiceKind.ADDRESS, address, model)


def place(connection: Connection) -> str:
    """Give what names a voice on the command line, without a password in its address."""
    if connection.kind is VoiceKind.EMBEDDED:
        return connection.name
    if connection.kind is VoiceKind.FILE:
        return str(connection.path)
    parts = urlsplit(connection.base_url or "")
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
    return f"{address}#{connection.model}" if connection.model else address


def goes(connection: Connection) -> str:
    """Say where words go for a voice."""
    host = connection.host
    return f"words go to {host}" if host else "stays on this computer"


def labelled(connections: Iterable[Connection]) -> dict[Connection, str]:
    """Give each voice's name, with its place where two have the same, or its place alone."""
    voices = tuple(dict.fromkeys(connections))
    names = Counter(voice.name for voice in voices)
    return {
        voice: (voice.name or place(voice))
        if names[voice.name] == 1
        else f"{voice.name} ({place(voice)})"
        for voice in voices
    }
