"""The conversation page."""

from __future__ import annotations

import threading

import pytest

from companion.domain import ReflectionKind, Situation
from companion.errors import JournalError
from companion.ui.chat import SHOWN
from companion.ui.session import opened
from ui.conftest import App

MESSAGE = "My sister said I am selfish ![x](http://evil.example) <b>$x$ :smile:"


def test_it_opens_with_what_it_is_and_where_words_stay(app: App) -> None:
    assert "software" in app.seen()
    assert "Stays on this computer" in app.seen()
    assert not app.tab.exception


def test_the_page_has_one_first_heading(app: App) -> None:
    assert app.seen().count("<h1") == 1


def test_a_message_is_answered_and_shown_as_plain_text(app: App) -> None:
    app.write(MESSAGE)
    assert "not allowed in" in app.seen()
    assert "&lt;b&gt;$x$ :smile:" in app.seen()
    assert "<b>" not in app.seen()
    assert not app.tab.markdown


def test_a_finished_reply_is_marked_for_reading_aloud_once(app: App) -> None:
    app.write("hello")
    assert app.seen().count("data-finished=") == 1
    app.reopen()
    assert "data-finished=" not in app.seen()


def test_a_reload_shows_the_conversation_with_its_reasons(app: App) -> None:
    app.write(MESSAGE)
    app.reopen()
    assert "not allowed in" in app.seen()
    assert "Who gets to define me right now?" in app.seen()


def test_why_this_reply_says_it_in_plain_words(app: App) -> None:
    app.write(MESSAGE)
    seen = app.seen()
    assert "put a meaning on you" in seen
    assert "<q><bdi>My sister sa</bdi></q>" in seen
    assert "Love can be taken away" in seen
    assert "It put the blame on you." in seen
    assert "You let this happen." not in seen
    assert "Altogether" in seen
    assert "meaning_attacked" not in seen


def test_a_forgotten_reflection_is_said_to_be_gone(app: App) -> None:
    app.write("first")
    app.press("Keep")
    app.write("second")
    assert "Rest is not laziness.</bdi></q> (4 November 2025)" in app.seen()
    kept = app.companion.memory.reflections(app.person)
    app.companion.memory.forget(app.person, [one.id for one in kept])
    app.reopen()
    assert "forgotten since" in app.seen()


def test_a_long_text_is_refused_and_kept(app: App) -> None:
    text = "a" * 50_000
    app.write(text)
    assert "50,000 characters" in app.seen()
    assert app.tab.text_area(key="unsent-text").value == text
    assert not app.companion.journal.conversations(app.person)
    app.tab.text_area(key="unsent-text").set_value("shorter")
    app.press("Send")
    assert "You wrote: shorter" in app.seen()
    assert "Send" not in app.labels()


def test_white_space_is_not_sent(app: App) -> None:
    app.write("  \n ")
    assert "nothing written yet" in app.seen()


def test_a_second_text_that_is_refused_takes_no_other_s_place(app: App) -> None:
    app.write("   ")
    app.write("a" * 9_000)
    assert app.tab.text_area(key="unsent-text").value == "a" * 9_000
    app.write("  ")
    app.write("b" * 9_000)
    assert app.tab.text_area(key="unsent-text").value == "a" * 9_000 + "\n\n" + "b" * 9_000


def test_a_message_that_is_sent_leaves_the_unsent_text_where_it_is(app: App) -> None:
    app.write("a" * 9_000)
    app.write("something short")
    assert "You wrote: something short" in app.seen()
    assert app.tab.text_area(key="unsent-text").value == "a" * 9_000
    app.press("Discard")
    assert "Send" not in app.labels()
    app.write("c" * 9_000)
    assert app.tab.text_area(key="unsent-text").value == "c" * 9_000


def _conversation(app: App) -> str:
    return app.companion.journal.conversations(app.person)[0][0]


def test_an_emergency_puts_contacts_first_and_asks_the_country(app: App) -> None:
    app.write("I have the pills here")
    seen = app.seen()
    assert seen.index("local emergency number") < seen.index("That comes first")
    assert "In danger now?" in seen
    assert "Keep something" not in seen
    app.tab.selectbox[0].set_value("GB")
    app.press("Save")
    assert "tel:999" in app.seen()
    assert app.companion.journal.person().country == "GB"
    assert "Save" not in app.labels()


def test_one_card_stands_in_a_crisis_at_its_latest_turn(app: App) -> None:
    app.write("the pills")
    app.write("yes, the pills")
    assert app.seen().count('class="people first"') == 1


def test_rather_not_say_is_asked_only_once(app: App) -> None:
    app.tab.selectbox[0].set_value("")
    app.press("Save")
    app.reopen()
    assert "Save" not in app.labels()
    assert app.companion.journal.person().country is None


def test_an_offer_is_edited_then_kept(app: App) -> None:
    app.write("I rested today")
    app.tab.text_area[0].set_value("Rest is mine.")
    app.press("Keep")
    assert "Kept." in app.seen()
    [kept] = app.companion.memory.reflections(app.person)
    assert (kept.text, kept.kind) == ("Rest is mine.", ReflectionKind.AUTHORSHIP)
    assert kept.kept_at == app.clock()
    app.reopen()
    assert "Not now" not in app.labels()


def test_nothing_is_kept_without_a_yes(app: App) -> None:
    app.write("I rested today")
    app.press("Not now")
    assert not app.companion.memory.reflections(app.person)
    app.reopen()
    assert "Not now" not in app.labels()


def test_a_reflection_that_is_too_long_stays_in_the_box(app: App) -> None:
    app.write("I rested today")
    app.tab.text_area[0].set_value("a" * 2_001)
    app.press("Keep")
    assert "can hold 2,000 characters" in app.seen()
    assert app.tab.text_area[0].value == "a" * 2_001
    assert not app.companion.memory.reflections(app.person)


def test_another_kind_of_moment_is_answered_again(app: App) -> None:
    app.write("I rested today")
    chooser = next(box for box in app.tab.selectbox if "another kind" in box.label)
    chooser.set_value(Situation.SAFETY_MISSING).run()
    [turn] = app.companion.journal.turns(_conversation(app))
    assert turn.situation is Situation.SAFETY_MISSING
    assert "Am I still held, even now?" in app.seen()


def test_a_reminder_comes_after_three_hours(app: App) -> None:
    for _ in range(5):
        app.write("still here")
        app.clock.pass_by(minutes=50)
    assert "reminder" in app.seen()


def test_a_turn_that_fails_keeps_the_message_and_can_be_answered_later(app: App) -> None:
    app.write("break")
    assert "Something went wrong while answering" in app.seen()
    assert "break" in app.seen()
    assert "Answer it now" in app.labels()


def test_what_a_stopped_process_left_is_answered_on_opening(app: App) -> None:
    journal = app.companion.journal
    conversation = journal.start_conversation(app.person, app.clock())
    journal.ask(conversation, "are you there", app.clock())
    app.reopen()
    assert "You wrote: are you there" in app.seen()


def test_a_second_message_waits_its_turn_and_both_are_answered(app: App) -> None:
    app.workflow.gate.clear()
    conversation = app.companion.journal.start_conversation(app.person, app.clock())
    turns = opened().turns
    for text in ("one", "two"):
        app.clock.pass_by(seconds=1)
        turns.send(app.person, conversation, text)
    threading.Timer(0.5, app.workflow.gate.set).start()
    app.reopen()
    assert app.seen().index("You wrote: one") < app.seen().index("You wrote: two")


def test_earlier_conversations_are_listed_and_a_new_one_begins(app: App) -> None:
    app.write("first evening")
    app.clock.pass_by(days=1)
    app.press("New conversation")
    assert "first evening" not in app.seen()
    app.write("second evening")
    app.press("4 November, 21:14")
    assert "first evening" in app.seen()
    assert "second evening" not in app.seen()


def test_a_conversation_is_forgotten_with_a_confirm(app: App) -> None:
    app.write("first evening")
    app.press("Yes, forget it for good")
    assert not app.companion.journal.conversations(app.person)
    assert "first evening" not in app.seen()


def test_a_foreign_address_opens_nothing(app: App) -> None:
    app.write("first evening")
    app.tab.query_params["c"] = "someone-elses"
    app.tab.run()
    assert "first evening" in app.seen()


def test_a_long_conversation_is_drawn_in_part_until_asked(app: App) -> None:
    for number in range(SHOWN + 2):
        app.clock.pass_by(seconds=1)
        turn = app.companion.ask(_begun(app), f"message {number}.")
        list(app.companion.answer(app.person, turn))
    app.reopen()
    assert "message 0." not in app.seen()
    app.tab.checkbox[0].check().run()
    assert "message 0." in app.seen()


def _begun(app: App) -> str:
    known = app.companion.journal.conversations(app.person)
    return (
        known[0][0] if known else app.companion.journal.start_conversation(app.person, app.clock())
    )


def test_a_journal_that_fails_while_sending_keeps_the_text(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise JournalError("The disk is full; make room and send it again.")

    monkeypatch.setattr(app.companion.journal, "ask", full)
    app.write("please keep this")
    assert "The disk is full" in app.seen()
    assert app.tab.text_area(key="unsent-text").value == "please keep this"
