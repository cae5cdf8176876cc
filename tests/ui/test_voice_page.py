"""Settings → Voice, the badge, and the question before words leave this computer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from companion import build as composition
from companion import connection as connecting
from companion.choosing import agreeing, choosing
from companion.connection import EMBEDDED, Connection, VoiceKind
from companion.core import Companion
from companion.domain import Reflection, ReflectionKind
from companion.errors import SettingsError
from companion.staying import HELD_BACK
from companion.ui import session
from companion.ui.speaking import Speaking
from companion.ui.voice import HERE, HOSTED, OWN, Choice
from tests.models.server import Log, says, serving, status
from ui.conftest import SCRIPT, App

KEY = "sk-of-nobody-0123456789"
MESSAGE = "My sister told everyone that I'm selfish because I said no to her."
SAID = "That word stays outside."
LOCAL = Connection(VoiceKind.ADDRESS, "http://127.0.0.1:9/v1", "small")
ELSEWHERE = Connection(VoiceKind.ADDRESS, "https://models.example/v1", "large")
GONE = Connection(VoiceKind.FILE, path=Path("/nowhere/gone.gguf"))
CHOICES = {label: Choice(label) for label in (HERE, HOSTED)} | {OWN: Choice(OWN, EMBEDDED)}


@pytest.fixture(autouse=True)
def made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No voice is made in these tests but where the real app is asked for."""
    if "real" in request.fixturenames:
        return

    def through(companion: Companion, settings: object, connection: Connection) -> Companion:
        if connection == GONE:
            raise SettingsError("The file is gone.")
        return companion

    monkeypatch.setattr(composition, "speaking_through", through)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 127.0.0.1 for another computer: the tests reach no other."""
    monkeypatch.setattr(connecting, "is_loopback", lambda host: host == "localhost")


@pytest.fixture
def server() -> Iterator[tuple[str, Log]]:
    with serving(says(SAID)) as (address, log):
        yield address, log


class Real(App):
    """The whole app, its journal on the disk."""

    @property
    def speaking(self) -> Speaking:
        return session.opened().speaking


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    for name in ("DATA", "KEYS"):
        monkeypatch.setenv(f"COMPANION_{name}", str(tmp_path / name.lower()))
    st.cache_resource.clear()
    tab = AppTest.from_file(str(SCRIPT), default_timeout=120).run()
    opened: Any = session.opened()
    yield Real(opened.companion, opened.companion.workflow.use.clock, tab)
    st.cache_resource.clear()


def choose(app: App, voice: str | Choice) -> None:
    choice = CHOICES[voice] if isinstance(voice, str) else voice
    app.page("settings_page")
    app.tab.radio(key="voice").set_value(choice).run()


def fill(app: App, **fields: str) -> None:
    for name, text in fields.items():
        key = name.replace("_", "-")
        field = next(one for one in app.tab.text_input if str(one.key).startswith(key))
        field.set_value(text)


def rendered(app: App) -> str:
    """Give all that the page was sent, and not only its HTML."""
    return "\n".join(str(getattr(node, "proto", "")) for node in app.tab._tree)


def agreed(app: App, connection: Connection) -> None:
    journal = app.companion.journal
    journal.save_person(agreeing(choosing(journal.person(), connection), connection))
    st.cache_resource.clear()
    app.reopen()


@pytest.mark.parametrize("page", ["chat", "settings_page"])
@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (EMBEDDED, "Stays on this computer"),
        (LOCAL, "Stays on this computer"),
        (ELSEWHERE, "Words go to models.example"),
    ],
    ids=["embedded", "local", "hosted"],
)
def test_the_badge_says_where_words_go(
    app: App, page: str, connection: Connection, said: str
) -> None:
    agreed(app, connection)
    app.page(page)
    assert f'role="note" aria-label="Where your words go">{said}</p>' in app.seen()
    assert app.seen().count('class="badge') == 1


def test_what_the_environment_names_elsewhere_is_asked_about(
    opening: Callable[[], App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_BASE_URL", "https://models.example/v1")
    monkeypatch.setenv("COMPANION_MODEL", "large")
    app = opening()
    assert "Your words would go to models.example: each message" in app.seen()
    assert "Stays on this computer" in app.seen()
    app.page("settings_page")
    assert "Your words would go to models.example" in app.seen()
    assert app.tab.radio[0].options[3].startswith("As the environment says")
    assert app.tab.radio[0].index == 3
    app.press("Yes, send them to models.example")
    assert "Words go to models.example" in app.seen()
    assert "would go" not in app.seen()


def test_no_keeps_words_here_and_is_remembered(
    opening: Callable[[], App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_BASE_URL", "https://models.example/v1")
    monkeypatch.setenv("COMPANION_MODEL", "large")
    app = opening()
    app.press("No, stay on this computer")
    st.cache_resource.clear()
    app.reopen()
    assert "would go" not in app.seen()
    assert "Stays on this computer" in app.seen()


def test_the_environment_is_named_only_where_it_names_a_voice(app: App) -> None:
    app.page("settings_page")
    assert app.tab.radio[0].options == [OWN, HERE, HOSTED]


def test_nothing_is_sent_before_the_yes_and_the_yes_is_asked_for_once(
    real: Real, server: tuple[str, Log], elsewhere: None, tmp_path: Path
) -> None:
    address, log = server
    choose(real, HOSTED)
    fill(real, hosted_address=address, hosted_model="large", hosted_key=KEY)
    real.press("Use this")
    assert "Your words would go to 127.0.0.1" in real.seen()
    assert "The way there is not encrypted." in real.seen()
    real.page("chat")
    real.write(MESSAGE)
    assert "Stays on this computer" in real.seen()
    assert SAID not in real.seen()
    assert log.received == []

    real.press("Yes, send them to 127.0.0.1")
    real.write("And then she laughed about it.")
    assert "Words go to 127.0.0.1" in real.seen()
    assert SAID in real.seen()
    assert "<dd>127.0.0.1</dd>" in real.seen()
    assert {one.headers.get("authorization") for one in log.chats} == {f"Bearer {KEY}"}

    real.page("settings_page")
    choose(real, OWN)
    real.press("Use this")
    [used] = real.speaking.used
    choose(real, Choice(f"large ({address.partition('://')[2]})", used))
    real.press("Use this")
    assert "would go" not in real.seen()
    assert "Words go to 127.0.0.1" in real.seen()
    assert KEY not in rendered(real)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert files
    assert not any(KEY.encode() in path.read_bytes() for path in files)


def test_a_model_on_this_computer_speaks_at_once(real: Real, server: tuple[str, Log]) -> None:
    address, log = server
    choose(real, HERE)
    fill(real, here_address=address, here_model="small")
    real.press("Use this")
    assert "Replies are spoken by small." in real.seen()
    assert "Stays on this computer" in real.seen()
    real.page("chat")
    real.write(MESSAGE)
    assert SAID in real.seen()
    assert "Nowhere; the model runs on this computer." in real.seen()
    assert any(MESSAGE in one.body for one in log.chats)


def test_a_connection_that_works_is_tested_line_by_line(app: App, server: tuple[str, Log]) -> None:
    address, log = server
    choose(app, HERE)
    fill(app, here_address=address, here_model="small")
    app.press("Test this connection")
    assert "<strong>works</strong> · Where words go: They stay on this computer." in app.seen()
    assert "<strong>works</strong> · Answers:" in app.seen()
    assert "Tested: it can be used." in app.seen()
    assert log.received
    assert "Replies are spoken by the voice that comes with Companion" in app.seen()


def test_a_server_that_is_not_there_does_not_work(app: App) -> None:
    choose(app, HERE)
    fill(app, here_address="http://127.0.0.1:9/v1", here_model="small")
    app.press("Test this connection")
    assert "<strong>does not work</strong> · Answers: No model server answers" in app.seen()
    assert "Tested: it cannot be used like this." in app.seen()


def test_a_key_that_is_refused_does_not_work_and_is_not_shown(app: App, elsewhere: None) -> None:
    with serving(status(401)) as (address, log):
        choose(app, HOSTED)
        fill(app, hosted_address=address, hosted_model="large", hosted_key=KEY)
        app.press("Test this connection")
    assert "<strong>note</strong> · Where words go: They are sent to 127.0.0.1." in app.seen()
    assert "did not accept the key (401)" in app.seen()
    assert KEY not in app.seen()
    assert {one.headers.get("authorization") for one in log.received} == {f"Bearer {KEY}"}


def test_a_voice_that_cannot_even_be_tried_is_said_in_a_sentence(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unusable(*_: object) -> Iterator[None]:
        raise SettingsError("It needs an extra.")
        yield

    monkeypatch.setattr(composition, "tried", unusable)
    choose(app, HERE)
    fill(app, here_address="http://127.0.0.1:9/v1", here_model="small")
    app.press("Test this connection")
    assert "It needs an extra." in app.seen()


@pytest.mark.parametrize("button", ["Use this", "Test this connection"])
def test_what_cannot_be_a_voice_is_said_and_what_was_typed_stays(app: App, button: str) -> None:
    choose(app, HERE)
    fill(app, here_address="127.0.0.1:8080", here_model="small")
    app.press(button)
    assert "has to begin with http:// or https://" in app.seen()
    assert app.tab.text_input(key="here-address").value == "127.0.0.1:8080"
    assert app.tab.text_input(key="here-model").value == "small"
    choose(app, HOSTED)
    choose(app, HERE)
    assert app.tab.text_input(key="here-address").value == "127.0.0.1:8080"


def test_a_voice_that_cannot_be_used_is_said_in_a_sentence(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Companion:
        raise SettingsError("It is too large to hold.")

    monkeypatch.setattr(composition, "speaking_through", failing)
    choose(app, HERE)
    fill(app, here_address="http://127.0.0.1:9/v1", here_model="large")
    app.press("Use this")
    assert "It is too large to hold." in app.seen()
    assert app.tab.text_input(key="here-model").value == "large"
    assert "Replies are spoken by the voice that comes with Companion" in app.seen()


def test_models_are_looked_for_only_when_asked_and_fill_the_fields(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []

    def nearby() -> tuple[Connection, ...]:
        looked.append(True)
        return (LOCAL, replace(LOCAL, model="other"))

    monkeypatch.setattr(composition, "nearby", nearby)
    choose(app, HERE)
    assert not looked
    app.press("Look for models on this computer")
    assert looked == [True]
    app.tab.selectbox(key="found").set_value(replace(LOCAL, model="other")).run()
    assert app.tab.text_input(key="here-address").value == LOCAL.base_url
    assert app.tab.text_input(key="here-model").value == "other"
    app.press("Use this")
    assert "Replies are spoken by other." in app.seen()


def test_no_model_nearby_is_said(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "nearby", lambda: ())
    choose(app, HERE)
    app.press("Look for models on this computer")
    assert "None was found." in app.seen()


def test_a_server_on_this_computer_may_ask_for_a_key_too(app: App, made: None) -> None:
    with serving(says("Hello.")) as (address, log):
        choose(app, HERE)
        fill(app, here_address=address, here_model="small", here_key=KEY)
        app.press("Test this connection")
    assert {one.headers["authorization"] for one in log.received} == {f"Bearer {KEY}"}
    assert KEY not in app.seen()


def test_a_key_is_said_to_be_kept_leaves_the_field_and_can_be_forgotten(
    app: App, tmp_path: Path
) -> None:
    choose(app, HOSTED)
    assert "kept in the key folder, readable only by this user account" in app.seen()
    fill(app, hosted_address="https://models.example/v1", hosted_model="large", hosted_key=KEY)
    app.press("Use this")
    assert KEY not in rendered(app)
    [kept] = (tmp_path / "keys").glob("*.json")
    assert KEY in kept.read_text()
    app.press("Forget the key for models.example")
    assert "The key is forgotten." in app.seen()
    assert KEY not in kept.read_text()
    assert not any("Forget the key" in label for label in app.labels())


def test_a_chosen_voice_that_is_gone_is_one_quiet_line_with_a_way_to_settings(app: App) -> None:
    agreed(app, GONE)
    assert "The file is gone. Meanwhile the voice that comes with Companion" in app.seen()
    links = [str(one.proto) for one in app.tab.get("page_link")]
    assert any("settings" in link for link in links)
    app.write(MESSAGE)
    assert "not allowed in" in app.seen()
    choose(app, OWN)
    app.press("Use this")
    app.page("chat")
    assert "The file is gone." not in app.seen()


def test_a_reflection_is_marked_to_stay_and_keeps_the_mark(app: App) -> None:
    memory = app.companion.memory
    memory.keep(app.person, Reflection("r1", ReflectionKind.MOMENT, "Sam drove", app.clock()))
    app.page("reflections")
    assert "never leaves this computer" not in app.seen()
    app.tab.session_state["change-r1"] = True
    app.tab.run()
    app.tab.checkbox(key="edit-r1-stays").check()
    app.press("Save")
    assert "4 November 2025 · never leaves this computer</h2>" in app.seen()
    app.tab.session_state["change-r1"] = True
    app.tab.run()
    assert app.tab.checkbox(key="edit-r1-stays").value
    app.tab.text_area[0].set_value("Sam drove two hours")
    app.press("Save")
    [kept] = memory.reflections(app.person)
    assert (kept.text, kept.stays) == ("Sam drove two hours", True)


def test_keeping_asks_about_staying_only_while_words_leave(app: App) -> None:
    app.write("I rested today")
    assert not [box for box in app.tab.checkbox if "Never leaves" in box.label]
    agreed(app, ELSEWHERE)
    box = next(box for box in app.tab.checkbox if "Never leaves" in box.label)
    assert not box.value
    box.check()
    app.press("Keep")
    [kept] = app.companion.memory.reflections(app.person)
    assert kept.stays


def _taken_over(app: App, reason: str) -> None:
    app.write("hello")
    journal = app.companion.journal
    [(conversation, _)] = journal.conversations(app.person)
    [turn] = journal.turns(conversation)
    journal.answer(replace(turn, trace={**turn.trace, "taken_over": reason}))
    app.reopen()


def test_a_voice_that_was_taken_over_leads_to_the_reason(app: App) -> None:
    _taken_over(app, "It fell silent.")
    assert "The model could not finish" in app.seen()
    assert 'data-opens="why-' in app.seen()
    assert app.seen().count("It fell silent.") == 1


def test_what_was_held_back_is_said_under_the_reply(app: App) -> None:
    _taken_over(app, HELD_BACK)
    assert f'<p class="quiet">{HELD_BACK}</p>' in app.seen()
    assert "could not finish" not in app.seen()
