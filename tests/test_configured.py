"""Which voices there are, and what names one."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.choosing import agreeing, choosing
from companion.commands.configured import Configured, configured, labelled, place, voice_named
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.errors import SettingsError
from companion.memory.journal import open_journal
from companion.settings import Settings, load_settings

HERE = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:11434/v1", "llama3.2")
THERE = Connection(VoiceKind.ADDRESS, "https://models.example/v1", "large")
FILE = Connection(VoiceKind.FILE, path=Path("/models/small.gguf"))


def choose(*connections: Connection, agreed: bool = False) -> None:
    """Choose voices in this computer's journal, the last one to speak."""
    settings = load_settings()
    journal = open_journal(settings.data, settings.keys)
    person = journal.person()
    for connection in connections:
        person = choosing(person, connection)
        person = agreeing(person, connection) if agreed else person
    journal.save_person(person)
    journal.close()


def test_without_a_journal_there_is_what_the_environment_names_and_none_is_made() -> None:
    settings = Settings(base_url=HERE.base_url, model=HERE.model)
    assert configured(settings) == Configured(HERE)
    assert configured(settings).voices == (EMBEDDED, HERE)
    assert not settings.data.exists()
    assert not settings.keys.exists()


def test_what_was_chosen_before_is_there_once() -> None:
    choose(FILE, HERE)
    mine = configured(Settings(base_url=HERE.base_url, model=HERE.model))
    assert mine.voices == (EMBEDDED, HERE, FILE)
    assert mine.speaking == HERE


def test_a_voice_elsewhere_speaks_once_agreed() -> None:
    choose(THERE)
    assert (configured(Settings()).wanted, configured(Settings()).speaking) == (THERE, EMBEDDED)
    choose(THERE, agreed=True)
    assert configured(Settings()).speaking == THERE


def test_a_command_means_the_environment_s_voice_before_the_app_s() -> None:
    choose(FILE)
    assert configured(Settings()).first == FILE
    assert configured(Settings(base_url=HERE.base_url, model=HERE.model)).first == HERE


class TestNaming:
    def test_an_address_and_a_model(self) -> None:
        found = voice_named("https://models.example/v1#org/large:8b", Settings())
        assert (found.base_url, found.model) == ("https://models.example/v1", "org/large:8b")

    def test_a_file_that_is_there(self, tmp_path) -> None:
        (tmp_path / "small.gguf").touch()
        found = voice_named(str(tmp_path / "small.gguf"), Settings())
        assert found == Connection(VoiceKind.FILE, path=tmp_path / "small.gguf")

    def test_the_name_of_one_that_is_configured(self) -> None:
        choose(HERE)
        assert voice_named("llama3.2", Settings()) == HERE
        assert voice_named("embedded", Settings()) == EMBEDDED

    @pytest.mark.parametrize(
        "text",
        [
            "nobody",
            "",
            "http://127.0.0.1:1/v1",
            "http://127.0.0.1:1/v1#",
            "http://127.0.0.1:many/v1#m",
            "ftp://127.0.0.1/v1#m",
            "http://#m",
            "/nowhere/m.gguf",
        ],
    )
    def test_what_names_none_is_one_sentence(self, text: str) -> None:
        with pytest.raises(SettingsError) as caught:
            voice_named(text, Settings())
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)

    def test_a_name_of_two_says_which_there_are(self) -> None:
        choose(HERE, Connection(VoiceKind.ADDRESS, "http://127.0.0.1:8080/v1", "llama3.2"))
        with pytest.raises(SettingsError, match="11434/v1#llama"):
            voice_named("llama3.2", Settings())


def test_a_place_names_the_voice_again_and_holds_no_password() -> None:
    assert voice_named(place(HERE), Settings()) == HERE
    secret = Connection(VoiceKind.ADDRESS, "http://me:secret@127.0.0.1:9/v1?key=secret", "m")
    assert place(secret) == "http://127.0.0.1:9/v1#m"


def test_two_voices_of_one_name_are_told_apart() -> None:
    other = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:8080/v1", "llama3.2")
    labels = labelled([EMBEDDED, HERE, other, HERE])
    assert labels[EMBEDDED] == "embedded"
    assert len(set(labels.values())) == 3


def test_one_without_a_model_is_called_by_its_place() -> None:
    nameless = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:9/v1")
    assert labelled([nameless])[nameless] == "http://127.0.0.1:9/v1"
