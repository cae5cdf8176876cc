"""The voice the app speaks through now, and changing it. Streamlit is not needed for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from companion import build as composition
from companion.choosing import agreeing, choosing, chosen, speaking, used_before
from companion.connection import EMBEDDED, Connection
from companion.core import Companion
from companion.errors import CompanionError
from companion.finding import Finding
from companion.ports import Person
from companion.settings import Settings
from companion.turns import Turns


class Speaking:
    """Which voice speaks. Thread-safe; a voice that cannot be used leaves the embedded one.

    `trouble` is one sentence on why the chosen voice does not speak, or None.
    """

    def __init__(self, settings: Settings, turns: Turns) -> None:
        self._settings, self._turns = settings, turns
        self._lock = threading.RLock()
        self.connection = EMBEDDED
        self.trouble: str | None = None

    @property
    def configured(self) -> Connection:
        """Give the voice that the environment names."""
        return self._settings.connection

    @property
    def wanted(self) -> Connection:
        """Give the voice that is chosen, whether or not it speaks."""
        return chosen(self._person(), self.configured)

    @property
    def asks(self) -> Connection | None:
        """Give the voice that waits for the person to agree that words leave this computer."""
        person = self._person()
        wanted = chosen(person, self.configured)
        return wanted if speaking(person, self.configured) != wanted else None

    @property
    def used(self) -> tuple[Connection, ...]:
        """Give the voices that were chosen before, the latest first."""
        return used_before(self._person())

    def begin(self) -> None:
        """Speak through what the person chose, as far as they agreed to it."""
        try:
            self._switch(_as_it_is, asks=False)
        except CompanionError as error:
            self.trouble = str(error)

    def use(self, connection: Connection | None, key: str | None = None) -> None:
        """Choose a voice, None for the environment's; a key given with it is kept for its address.

        It speaks from now on if its words stay here or the person has agreed. Raises SettingsError
        when it cannot be used, and JournalError; then nothing changes.
        """
        address = connection.base_url if connection else None
        with self._lock:
            before = self._kept(address)
            if key and address:
                composition.keep_key(self._settings, address, key)
            try:
                self._switch(lambda person: choosing(person, connection), anew=bool(key))
            except CompanionError:
                if key and address:
                    composition.keep_key(self._settings, address, before)
                raise

    def agree(self, asked: Connection) -> None:
        """Let words go where this voice is. Raises SettingsError when it cannot be used.

        `asked` is what the person was asked about. If another voice is chosen by now, that one
        is still to be agreed to.
        """
        self._switch(lambda person: agreeing(person, asked))

    def tried(self, connection: Connection, key: str | None = None) -> Iterator[Finding]:
        """Yield what works over a connection, trying it. Nothing a person wrote is sent."""
        yield from composition.tried(self._settings, connection, key)

    def kept_keys(self) -> tuple[str, ...]:
        """Give the addresses, of the voices known, that a key is kept for."""
        known = (one.base_url for one in (self.wanted, self.configured, *self.used))
        return tuple(one for one in dict.fromkeys(known) if one and self._kept(one))

    def forget_key(self, base_url: str) -> None:
        """Forget the key for an address, also in the voice that speaks. Raises SettingsError."""
        with self._lock:
            composition.keep_key(self._settings, base_url, None)
            self._switch(_as_it_is, anew=self.connection.base_url is not None)

    def _person(self) -> Person:
        return self._turns.companion.journal.person()

    def _kept(self, base_url: str | None) -> str | None:
        """Give the key that is kept for an address; the environment's is not kept by us."""
        if base_url is None:
            return None
        without = self._settings.model_copy(update={"api_key": None})
        with suppress(CompanionError):
            return composition.key_for(without, Connection(base_url=base_url))
        return None

    def _settle(self, made: Companion, asks: bool) -> None:
        """Have a model get ready and be tried; one that does not pass leaves the embedded voice.

        One elsewhere is asked only when the person has just chosen it or agreed to it.
        """
        composition.warm(made)
        if made.settle is None or (made.workflow.use.voice.host and not asks):
            return
        reason = made.settle()
        with self._lock:
            if reason and self._turns.companion is made:
                self._turns.speak_through(
                    composition.speaking_through(made, self._settings, EMBEDDED)
                )
                self.connection, self.trouble = EMBEDDED, reason

    def _switch(
        self, change: Callable[[Person], Person], *, anew: bool = False, asks: bool = True
    ) -> None:
        """Keep what changes about the person, and speak through what may speak then.

        `anew` is for a connection that stays while its key does not.
        """
        with self._lock:
            companion, made = self._turns.companion, None
            connection = speaking(change(self._person()), self.configured)
            if connection != self.connection or self.trouble or anew:
                made = composition.speaking_through(companion, self._settings, connection)
            try:
                # Read again: loading takes a while, and more may have been saved meanwhile. And
                # before it speaks: no word leaves on a yes that was not kept.
                companion.journal.save_person(change(self._person()))
            except CompanionError:
                if made and made.retire:
                    made.retire()
                raise
            if made:
                self._turns.speak_through(made)
                threading.Thread(target=self._settle, args=(made, asks), daemon=True).start()
                self.connection = connection
            self.trouble = None


def _as_it_is(person: Person) -> Person:
    return person
