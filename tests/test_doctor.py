"""The doctor: voices that are configured, the clock, keys and libraries, a sentence for each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from companion.commands.libraries import libraries
from companion.connection import Connection, VoiceKind
from companion.doctor import examine
from companion.memory.journal import open_journal
from companion.models.keyring import FILE as KEYS_FILE
from companion.models.keyring import keep_key
from companion.settings import Settings, load_settings
from tests.models.server import Log, says, serving, silent, status
from tests.test_configured import THERE, choose

TODAY = date(2026, 12, 1)


def found(today: date = TODAY, offline: bool = False, **more: Any) -> dict[str, tuple[str, str]]:
    everything = list(examine(Settings(**more), lambda: today, offline=offline))
    for one in everything:
        assert "\n" not in one.said
    return {one.about: (one.mark, one.said) for one in everything}


@pytest.fixture
def server() -> Iterator[tuple[str, Log]]:
    with serving(says("Hello."), told={"/v1/models": {"data": [{"id": "m"}]}}) as (address, log):
        yield address, log


@pytest.fixture
def elsewhere(monkeypatch) -> None:
    """No address is this computer's."""
    monkeypatch.setattr("companion.connection.is_loopback", lambda host: False)


def at(address: str, model: str = "m") -> Connection:
    return Connection(VoiceKind.ADDRESS, address, model)


class TestVoices:
    def test_one_that_answers_is_one_fine_line(self, server) -> None:
        said = found(base_url=server[0], model="m")
        assert said["voice"] == ("fine", "m; stays on this computer")
        assert said["m"][0] == "fine"
        assert said["m"][1].startswith("It answers. The first word came after")
        assert "m, where words go" not in said
        assert "voice in the app" not in said

    def test_one_chosen_in_the_app_is_said_and_tried(self, server) -> None:
        choose(at(server[0]))
        said = found()
        assert said["voice"] == ("fine", "embedded; stays on this computer")
        assert said["voice in the app"] == ("fine", "m, chosen there; stays on this computer")
        assert said["m"][0] == "fine"

    def test_nobody_there_is_wrong(self) -> None:
        said = found(base_url="http://127.0.0.1:9/v1", model="m")
        assert said["m, answers"][0] == "wrong"
        assert "start it" in said["m, answers"][1]
        assert "m" not in said

    def test_a_wrong_name_lists_what_there_is(self) -> None:
        told = {"/v1/models": {"data": [{"id": "one"}, {"id": "two"}]}}
        with serving(says("Hello."), told=told) as (address, _):
            mark, sentence = found(base_url=address, model="three")["three, model"]
        assert mark == "wrong"
        assert "one, two" in sentence

    def test_a_refused_key_is_wrong(self) -> None:
        with serving(status(401)) as (address, _):
            mark, sentence = found(base_url=address, model="m")["m, answers"]
        assert mark == "wrong"
        assert "key" in sentence

    def test_a_window_that_is_too_small_is_wrong(self) -> None:
        told = {"/v1/models": {"data": [{"id": "m", "max_model_len": 1024}]}}
        with serving(says("Hello."), told=told) as (address, _):
            assert found(base_url=address, model="m")["m, window"][0] == "wrong"

    def test_a_file_that_is_none_is_wrong_and_not_tried(self, tmp_path) -> None:
        said = found(gguf=tmp_path / "none.gguf")
        assert said["voice"][0] == "wrong"
        assert str(tmp_path / "none.gguf") in said["voice"][1]

    def test_a_file_chosen_in_the_app_that_is_gone_is_wrong(self, tmp_path) -> None:
        choose(Connection(VoiceKind.FILE, path=tmp_path / "none.gguf"))
        assert found()["voice in the app"][0] == "wrong"

    def test_a_file_that_cannot_be_used_is_wrong(self, tmp_path) -> None:
        pytest.importorskip("xllamacpp")
        (tmp_path / "m.gguf").write_text("not a model")
        assert found(gguf=tmp_path / "m.gguf")["m.gguf"][0] == "wrong"

    def test_offline_nothing_is_asked(self, server) -> None:
        choose(at(server[0]))
        assert found(offline=True)["voice in the app"][0] == "fine"
        assert server[1].received == []

    def test_one_the_person_has_not_agreed_to_is_not_asked(self, server, elsewhere) -> None:
        choose(at(server[0]))
        mark, sentence = found()["voice in the app"]
        assert mark == "note"
        assert "agree in the app that words go to 127.0.0.1" in sentence
        assert server[1].received == []

    def test_nothing_a_person_wrote_is_sent(self, server) -> None:
        settings = load_settings()
        journal = open_journal(settings.data, settings.keys)
        now = datetime(2026, 3, 9, tzinfo=UTC)
        conversation = journal.start_conversation(journal.person().id, now)
        journal.ask(conversation, "Heather on the hill.", now)
        journal.close()
        found(base_url=server[0], model="m")
        assert server[1].chats
        assert "Heather" not in "".join(one.body for one in server[1].received)

    def test_a_silent_server_does_not_hold_it_up(self, monkeypatch) -> None:
        monkeypatch.setattr("companion.commands.reaching.SECONDS", 0.5)
        with serving(silent) as (address, _):
            began = time.monotonic()
            said = found(base_url=address, model="m", first_token_seconds=2.0)
            assert time.monotonic() - began < 10
        assert said["m"] == (
            "note",
            "Not all was tried in 0.5 s; `companion models check` takes its time.",
        )


class TestKeys:
    def test_a_host_without_a_key_is_noted(self, server, elsewhere) -> None:
        mark, sentence = found(base_url=server[0], model="m")["key for 127.0.0.1"]
        assert mark == "note"
        assert "COMPANION_API_KEY" in sentence

    def test_a_host_with_a_key_is_fine(self, server, elsewhere) -> None:
        said = found(base_url=server[0], model="m", api_key="secret-key")
        assert said["key for 127.0.0.1"] == ("fine", "there is one")
        assert "secret-key" not in str(said)

    def test_a_server_here_needs_none(self, server) -> None:
        assert "key for 127.0.0.1" not in found(base_url=server[0], model="m")

    def test_keys_that_others_can_read_are_wrong(self) -> None:
        settings = load_settings()
        assert "keys of hosts" not in found()
        keep_key(settings, str(THERE.base_url), "secret-key")
        assert found()["keys of hosts"][0] == "fine"
        (settings.keys / KEYS_FILE).chmod(0o644)
        mark, sentence = found()["keys of hosts"]
        assert mark == "wrong"
        assert "chmod 600" in sentence

    def test_keys_that_cannot_be_read_are_wrong_and_nothing_is_asked(
        self, server, elsewhere
    ) -> None:
        settings = load_settings()
        keep_key(settings, str(THERE.base_url), "secret-key")
        (settings.keys / KEYS_FILE).write_text("{")
        assert found(base_url=server[0], model="m")["key for 127.0.0.1"][0] == "wrong"
        assert server[1].received == []


class TestClock:
    def test_a_year_before_this_version_is_wrong(self) -> None:
        assert found(date(2001, 1, 1))["clock"][0] == "wrong"
        assert found()["clock"][0] == "fine"

    @pytest.mark.parametrize(("days", "mark"), [(0, "fine"), (2, "note")])
    def test_a_message_still_to_come_is_noted(self, days: int, mark: str) -> None:
        settings = load_settings()
        journal = open_journal(settings.data, settings.keys)
        moment = datetime(2026, 12, 1, 12).astimezone() + timedelta(days=days)
        journal.start_conversation(journal.person().id, moment)
        journal.close()
        said = found()["clock"]
        assert said[0] == mark
        assert ("2026-12-03" in said[1]) is bool(days)


class TestPrices:
    @pytest.fixture
    def priced(self, tmp_path: Path) -> Callable[..., tuple[str, str]]:
        """Gives a function that writes a table of prices and gives what is found."""

        def write(text: str) -> tuple[str, str]:
            (tmp_path / "prices.toml").write_text(text)
            more = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
            return found(offline=True, prices=tmp_path / "prices.toml", **more)["prices"]

        return write

    def test_a_table_of_the_model_is_fine(self, priced) -> None:
        said = priced('[m]\ncurrency = "EUR"\nprompt = 1\ncompletion = 2')
        assert said == ("fine", "readable; used for m")

    def test_a_table_without_the_model_is_noted(self, priced) -> None:
        assert priced("")[0] == "note"

    @pytest.mark.parametrize("text", ["[", "[m]\nprompt = 1"])
    def test_what_cannot_be_read_is_wrong(self, priced, text: str) -> None:
        assert priced(text)[0] == "wrong"

    def test_without_one_nothing_is_said(self) -> None:
        assert "prices" not in found()


class TestLibraries:
    def test_ours_are_as_required(self) -> None:
        assert [one.mark for one in libraries()] == ["fine"]

    def test_what_differs_is_named_with_what_to_do(self) -> None:
        required = ["numpy<1", "click>=8", "no-such-library>=2", "no-such-tool; extra == 'dev'"]
        wrong = list(libraries(required))
        assert [one.about for one in wrong] == ["library numpy", "library no-such-library"]
        assert "pip install 'numpy<1'" in wrong[0].said
        assert "it is missing" in wrong[1].said

    def test_without_a_distribution_it_says_to_install_it(self, monkeypatch) -> None:
        monkeypatch.setattr("companion.commands.libraries.DISTRIBUTION", "no-such-library")
        assert [one.mark for one in libraries()] == ["wrong"]


def test_a_file_in_place_of_a_folder_is_wrong(tmp_path) -> None:
    (tmp_path / "file").touch()
    said = found(offline=True, data=tmp_path / "file" / "data", keys=tmp_path / "keys")
    assert said["data folder"][0] == "wrong"
    assert said["key folder"][0] == "fine"


def test_a_broken_journal_does_not_keep_it_from_looking(server) -> None:
    choose(at(server[0]))
    (load_settings().data / "journal.db").write_bytes(b"x" * 100)
    said = found()
    assert said["journal"][0] == "wrong"
    assert said["voice"][0] == "fine"
