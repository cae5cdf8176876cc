"""Changing the voice while the app runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from companion import build as composition
from companion.choosing import agreeing, choosing
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.core import Companion
from companion.errors import JournalError, SettingsError
from companion.settings import Settings
from companion.turns import Turns
from companion.ui.speaking import Speaking
from ui.scripted import Clock, ScriptedWorkflow, scripted

PATIENCE = 60
LOCAL = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:9/v1", "small")
HOSTED = Connection(VoiceKind.ADDRESS, "https://models.example/v1", "large")
OTHER = Connection(VoiceKind.ADDRESS, "https://other.example/v1", "large")
GONE = Connection(VoiceKind.FILE, path=Path("/nowhere/gone.gguf"))
KEY = "sk-of-nobody"


class Made:
    """Stands for the composition: what was made, with which key, and what was retired."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.keys: list[str | None] = []
        self.retired: list[Connection] = []
        self.one_retired = threading.Event()
        self.fails: str | None = None
        self.settled = threading.Event()

    def __call__(
        self, companion: Companion, settings: Settings, connection: Connection
    ) -> Companion:
        if connection == GONE:
            raise SettingsError("The file is gone.")
        self.connections.append(connection)
        self.keys.append(composition.key_for(settings, connection))

        def retire() -> None:
            self.retired.append(connection)
            self.one_retired.set()

        def settle() -> str | None:
            self.settled.set()
            return self.fails

        return replace(companion, settle=settle, retire=retire)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    monkeypatch.setattr(composition, "speaking_through", made)
    return made


@pytest.fixture
def companion() -> Companion:
    return scripted(Clock())


@pytest.fixture
def begun(made: Made, companion: Companion) -> Callable[[], Speaking]:
    """Gives a function that starts as the app does, over the same journal every time."""

    def begin() -> Speaking:
        speaking = Speaking(Settings(), Turns(companion))
        speaking.begin()
        return speaking

    return begin


def test_a_voice_on_this_computer_speaks_at_once_and_after_a_restart(
    begun: Callable[[], Speaking], made: Made
) -> None:
    speaking = begun()
    speaking.use(LOCAL)
    assert (speaking.connection, speaking.asks, made.connections) == (LOCAL, None, [LOCAL])
    assert begun().connection == LOCAL


def test_a_voice_that_does_not_pass_its_trial_leaves_the_embedded_one_and_says_so(
    begun: Callable[[], Speaking], made: Made
) -> None:
    speaking, made.fails = begun(), "small does not speak here."
    speaking.use(LOCAL)
    assert made.one_retired.wait(PATIENCE)
    # Once this can be taken, the thread that retired it has let go of it.
    with speaking._lock:
        found = speaking.connection, speaking.trouble
    assert found == (EMBEDDED, "small does not speak here.")
    assert speaking.wanted == LOCAL


def test_a_voice_elsewhere_is_tried_after_the_yes_and_not_at_a_start(
    begun: Callable[[], Speaking], made: Made, companion: Companion
) -> None:
    companion.journal.save_person(agreeing(choosing(companion.journal.person(), HOSTED), HOSTED))
    companion.workflow.use.voice.host = HOSTED.host
    begun()
    for thread in threading.enumerate():
        if thread.name.startswith("Thread") and "_settle" in thread.name:
            thread.join(PATIENCE)
    assert not made.settled.is_set()
    speaking = begun()
    speaking.use(OTHER)
    speaking.agree(OTHER)
    assert made.settled.wait(PATIENCE)


def test_a_voice_elsewhere_is_not_even_made_before_the_yes(
    begun: Callable[[], Speaking], made: Made
) -> None:
    speaking = begun()
    speaking.use(HOSTED)
    assert (speaking.connection, speaking.wanted, speaking.asks) == (EMBEDDED, HOSTED, HOSTED)
    assert made.connections == []
    assert begun().asks == HOSTED
    speaking.agree(HOSTED)
    assert (speaking.connection, speaking.asks) == (HOSTED, None)
    assert begun().connection == HOSTED


def test_a_voice_elsewhere_does_not_leave_the_one_before_speaking(
    begun: Callable[[], Speaking],
) -> None:
    speaking = begun()
    speaking.use(LOCAL)
    speaking.use(HOSTED)
    assert speaking.connection == EMBEDDED


def test_the_yes_to_one_host_is_none_to_what_was_chosen_since(
    begun: Callable[[], Speaking], made: Made
) -> None:
    speaking = begun()
    speaking.use(HOSTED)
    speaking.use(OTHER)
    speaking.agree(HOSTED)
    assert (speaking.connection, speaking.asks) == (EMBEDDED, OTHER)
    assert OTHER not in made.connections


def test_a_switch_that_fails_leaves_everything_as_it_was(
    begun: Callable[[], Speaking], companion: Companion
) -> None:
    speaking = begun()
    speaking.use(LOCAL)
    before = companion.journal.person()
    with pytest.raises(SettingsError, match="gone"):
        speaking.use(GONE)
    assert (speaking.connection, speaking.wanted, speaking.trouble) == (LOCAL, LOCAL, None)
    assert companion.journal.person() == before


def test_a_key_given_for_a_voice_that_fails_is_not_kept(
    begun: Callable[[], Speaking], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Companion:
        raise SettingsError("No.")

    speaking = begun()
    speaking.use(LOCAL, "the-one-before")
    monkeypatch.setattr(composition, "speaking_through", failing)
    with pytest.raises(SettingsError):
        speaking.use(LOCAL, KEY)
    assert composition.key_for(Settings(), LOCAL) == "the-one-before"


def test_a_yes_that_cannot_be_kept_lets_no_word_leave(
    begun: Callable[[], Speaking],
    made: Made,
    companion: Companion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise JournalError("The disk is full.")

    speaking = begun()
    speaking.use(HOSTED)
    monkeypatch.setattr(companion.journal, "save_person", full)
    with pytest.raises(JournalError):
        speaking.agree(HOSTED)
    assert (speaking.connection, made.retired) == (EMBEDDED, [HOSTED])


def test_a_chosen_voice_that_is_gone_is_said_and_the_embedded_one_speaks(
    begun: Callable[[], Speaking], companion: Companion
) -> None:
    companion.journal.save_person(choosing(companion.journal.person(), GONE))
    speaking = begun()
    assert (speaking.connection, speaking.trouble) == (EMBEDDED, "The file is gone.")
    speaking.use(EMBEDDED)
    assert speaking.trouble is None


def test_a_new_key_for_the_same_voice_is_used(begun: Callable[[], Speaking], made: Made) -> None:
    speaking = begun()
    speaking.use(LOCAL, "old")
    speaking.use(LOCAL, KEY)
    assert made.keys == ["old", KEY]
    assert speaking.kept_keys() == (LOCAL.base_url,)


def test_a_forgotten_key_is_forgotten_by_the_voice_that_speaks(
    begun: Callable[[], Speaking], made: Made
) -> None:
    speaking = begun()
    speaking.use(LOCAL, KEY)
    speaking.forget_key(str(LOCAL.base_url))
    assert made.keys == [KEY, None]
    assert speaking.kept_keys() == ()


def test_a_key_of_the_environment_is_not_listed_as_kept(
    begun: Callable[[], Speaking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_BASE_URL", str(LOCAL.base_url))
    monkeypatch.setenv("COMPANION_MODEL", "small")
    monkeypatch.setenv("COMPANION_API_KEY", KEY)
    speaking = begun()
    assert speaking.connection == LOCAL
    assert speaking.kept_keys() == ()


def test_what_was_saved_while_a_voice_was_made_is_not_lost(
    begun: Callable[[], Speaking], companion: Companion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(companion: Companion, *_: object) -> Companion:
        journal = companion.journal
        journal.save_person(replace(agreeing(journal.person(), OTHER), country="GB"))
        return companion

    speaking = begun()
    monkeypatch.setattr(composition, "speaking_through", slow)
    speaking.use(LOCAL)
    assert companion.journal.person().country == "GB"
    assert speaking.wanted == LOCAL


def test_a_voice_in_mid_reply_is_retired_only_afterwards(
    begun: Callable[[], Speaking], made: Made, companion: Companion
) -> None:
    workflow = companion.workflow
    assert isinstance(workflow, ScriptedWorkflow)
    speaking = begun()
    speaking.use(LOCAL)
    turns = speaking._turns
    person = companion.journal.person().id
    conversation = companion.journal.start_conversation(person, Clock()())
    workflow.gate.clear()
    live = turns.send(person, conversation, "hello")
    next(live.follow(PATIENCE))
    speaking.use(EMBEDDED)
    assert speaking.connection == EMBEDDED
    assert made.retired == []
    workflow.gate.set()
    assert made.one_retired.wait(PATIENCE)
    assert live.done
    assert made.retired == [LOCAL]
