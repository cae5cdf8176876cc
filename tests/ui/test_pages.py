"""The other pages, and what every page does when something fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion import build as composition
from companion.domain import Reflection, ReflectionKind
from companion.errors import CompanionError, IndexUnavailable, JournalError
from companion.ui.country import guess
from ui.conftest import App

PAGES = ("chat", "reflections", "settings_page", "help")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_draws_with_one_first_heading_and_leave_quickly(app: App, name: str) -> None:
    app.page(name)
    assert not app.tab.exception
    assert app.seen().count("<h1") == 1
    assert any("leave-quickly" in element.proto.body for element in app.tab.get("html"))


@pytest.mark.parametrize("error", [JournalError, IndexUnavailable])
@pytest.mark.parametrize("name", ["chat", "reflections", "settings_page"])
def test_what_cannot_open_is_said_in_one_sentence(
    opening: Callable[[], App],
    monkeypatch: pytest.MonkeyPatch,
    error: type[CompanionError],
    name: str,
) -> None:
    def failing(*_: object) -> None:
        raise error("Another Companion has this folder open; close it and reload.")

    monkeypatch.setattr(composition, "build", failing)
    app = opening()
    app.page(name)
    assert "Another Companion has this folder open; close it and reload." in app.seen()
    assert not app.tab.exception


def test_unusable_settings_are_said_in_one_sentence(
    opening: Callable[[], App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_PORT", "eighty")
    assert "COMPANION_PORT cannot be used" in opening().seen()


def test_contacts_open_without_a_journal(
    opening: Callable[[], App], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise JournalError("The journal cannot be read.")

    monkeypatch.setattr(composition, "build", failing)
    app = opening()
    app.page("help")
    assert "The journal cannot be read." in app.seen()
    assert "findahelpline.com" in app.seen()


def test_an_unexpected_failure_shows_no_trace_and_logs_no_words(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object) -> None:
        raise ValueError("private words")

    monkeypatch.setattr(app.companion.memory, "reflections", failing)
    app.page("reflections")
    assert "Something went wrong on this page" in app.seen()
    assert "private words" not in app.seen() + caplog.text
    assert "ValueError" in caplog.text


def _keep(app: App, text: str, id: str = "r1") -> None:
    reflection = Reflection(id, ReflectionKind.CONNECTION, text, app.clock())
    app.companion.memory.keep(app.person, reflection)


def test_no_reflections_is_no_reproach(app: App) -> None:
    app.page("reflections")
    assert "nothing has to be" in app.seen()


def test_reflections_are_listed_newest_first_dated_and_plain(app: App) -> None:
    _keep(app, "older")
    app.clock.pass_by(days=1)
    _keep(app, "newer <b>", "r2")
    app.page("reflections")
    seen = app.seen()
    assert seen.index("newer &lt;b&gt;") < seen.index("older")
    assert "I was held · 4 November 2025" in seen


def test_a_reflection_is_changed(app: App) -> None:
    _keep(app, "Sam drove two hours")
    app.page("reflections")
    app.tab.session_state["change-r1"] = True
    app.tab.run()
    app.tab.text_area[0].set_value("Sam drove three hours")
    app.tab.selectbox[0].set_value(ReflectionKind.MOMENT)
    app.press("Save")
    [kept] = app.companion.memory.reflections(app.person)
    assert (kept.text, kept.kind) == ("Sam drove three hours", ReflectionKind.MOMENT)
    assert "Changed." in app.seen()


def test_a_reflection_is_forgotten_with_a_confirm(app: App) -> None:
    _keep(app, "Sam drove two hours")
    app.page("reflections")
    assert "destroys the text for good" in app.seen()
    app.press("Yes, forget it")
    assert not app.companion.memory.reflections(app.person)
    assert "Sam drove" not in app.seen()


def test_contacts_name_their_source_and_never_claim_to_be_checked(app: App) -> None:
    app.page("help")
    app.tab.selectbox[0].set_value("GB").run()
    seen = app.seen()
    assert "tel:116123" in seen
    assert "Source: https://www.samaritans.org" in seen
    assert "[" not in seen
    assert "checked" not in seen.lower()
    assert "verified" not in seen.lower()


def test_settings_say_where_things_are(app: App, tmp_path: Path) -> None:
    app.page("settings_page")
    assert str(tmp_path / "data") in app.seen()
    assert str(tmp_path / "keys") in app.seen()
    assert "Back button" in app.seen()


def test_all_conversations_are_forgotten_with_a_confirm(app: App) -> None:
    app.write("one")
    app.page("settings_page")
    app.press("Yes, forget all conversations for good")
    assert not app.companion.journal.conversations(app.person)


@pytest.mark.parametrize(
    ("locale", "country"),
    [("en-GB", "GB"), ("de", ""), ("zh-Hant-SG", "SG"), ("xx-ZZ", ""), (None, "")],
)
def test_a_locale_is_only_a_guess(locale: str | None, country: str) -> None:
    assert guess(locale) == country
