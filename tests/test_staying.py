"""A reflection that never leaves this computer is never in a request to another host.

Whole turns against a real recording server that counts as elsewhere; what it received is searched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion import connection
from companion.core import Companion
from companion.domain import PastTurn, Reflection, ReflectionKind, Situation
from companion.errors import StaysHere
from companion.events import Recalled, TakenOver
from companion.ports import ChatMessage
from companion.staying import HELD_BACK, KeptHome, holds, outgoing
from companion.text import words
from tests.models import server as servers
from tests.models.server import Log, serving
from tests.models.test_failing_turns import GOOD, Talk, built
from tests.steps.making import brief

KEPT = datetime(2026, 4, 2, tzinfo=UTC)
SECRET = "Rest is not laziness, I told Marit that by the frozen lake and I get to stop."
OPEN = "I am allowed to sit down when I am tired, whoever is watching me."
TIRED = "They called me lazy again because I sat down, am I allowed to rest when I am tired?"


def reflection(text: str = SECRET, *, stays: bool = True, id: str = "secret") -> Reflection:
    return Reflection(id, ReflectionKind.AUTHORSHIP, text, KEPT, stays)


class TestHolding:
    def test_its_words_in_another_case_and_punctuation_are_its_words(self) -> None:
        assert holds("well — “REST is not laziness; I told Marit that”", [reflection()])

    def test_a_run_of_six_words_is_a_quotation_and_five_are_not(self) -> None:
        assert holds("by the frozen lake and i", [reflection()])
        assert not holds("by the frozen lake and", [reflection()])

    def test_a_short_one_is_a_quotation_when_it_is_whole(self) -> None:
        short = reflection("I get to stop")
        assert holds("so: I get to stop.", [short])
        assert not holds("I get to sleep", [short])

    def test_words_that_are_anybodys_are_not_told_apart(self) -> None:
        assert not holds("Mum was right", [reflection("Mum was right")])

    def test_nothing_marked_holds_nothing(self) -> None:
        assert not holds(SECRET, [])

    @given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=80))
    def test_a_text_that_contains_it_always_holds_it(
        self, kept: str, before: str, after: str
    ) -> None:
        if len(words(kept)) >= 4:
            assert holds(f"{before} {kept} {after}", [reflection(kept)])


class TestOutgoing:
    def test_it_is_not_among_what_was_recalled(self) -> None:
        other = reflection(OPEN, stays=False, id="open")
        told = outgoing(brief(recalled=(reflection(), other), staying=(reflection(),)))
        assert told.recalled == (other,)
        assert told.staying == ()

    def test_turns_that_quoted_it_or_were_given_it_are_left_out(self) -> None:
        quoted = PastTurn("hello", f"You kept: “{SECRET}”", Situation.EVERYDAY)
        written = PastTurn(SECRET, "Yes.", Situation.EVERYDAY)
        given_it = PastTurn("hello", "You wrote that by the lake.", recalled=("secret",))
        plain = PastTurn("hello", "Hello.", Situation.EVERYDAY, recalled=("open",))
        history = (quoted, plain, written, given_it)
        assert outgoing(brief(history=history, staying=(reflection(),))).history == (plain,)

    def test_a_message_that_quotes_it_is_not_sent_at_all(self) -> None:
        with pytest.raises(StaysHere):
            outgoing(brief(message=f"I wrote once: {SECRET}", staying=(reflection(),)))


class Model:
    name, context, counted_by = "a model", 4096, "an estimate"

    def __init__(self, host: str | None) -> None:
        self.host = host
        self.sent: list[Any] = []

    def stream(self, messages, *, max_tokens, schema=None):
        self.sent.append(messages)
        yield "Yes."

    def count(self, messages):
        self.sent.append(messages)
        return 1


class TestTheDoor:
    @pytest.mark.parametrize("role", ["system", "user", "assistant"])
    def test_nothing_that_holds_it_goes_elsewhere_not_even_to_be_counted(self, role: str) -> None:
        model = Model("models.example")
        door = KeptHome(model, lambda: [reflection()])
        messages = [ChatMessage("user", "hello"), ChatMessage(role, f"… {SECRET} …")]
        with pytest.raises(StaysHere):
            next(door.stream(messages, max_tokens=5))
        with pytest.raises(StaysHere):
            door.count(messages)
        assert model.sent == []

    def test_a_model_on_this_computer_may_have_it(self) -> None:
        model = Model(None)
        door = KeptHome(model, lambda: [reflection()])
        assert list(door.stream([ChatMessage("user", SECRET)], max_tokens=5)) == ["Yes."]

    def test_what_is_marked_is_asked_anew_each_time(self) -> None:
        marked: list[Reflection] = []
        door = KeptHome(Model("models.example"), lambda: marked)
        assert door.count([ChatMessage("user", SECRET)]) == 1
        marked.append(reflection())
        with pytest.raises(StaysHere):
            door.count([ChatMessage("user", SECRET)])


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only loopback can be reached by a test, so here loopback is somebody else's computer."""
    monkeypatch.setattr(connection, "is_loopback", lambda host: False)


def keeping(companion: Companion, *kept: Reflection) -> Talk:
    talk = Talk(companion)
    for one in kept:
        companion.memory.keep(talk.person, one)
    return talk


def sent(log: Log) -> str:
    return " ".join(words("\n".join(one.body for one in log.received)))


def leaks(log: Log) -> bool:
    return "laziness" in sent(log) or "frozen" in sent(log)


@pytest.mark.usefixtures("elsewhere")
class TestWholeTurns:
    def test_recalled_here_it_is_not_sent_and_another_is(self, tmp_path: Path) -> None:
        with serving(servers.says(*GOOD)) as (address, log):
            other = reflection(OPEN, stays=False, id="open")
            talk = keeping(built(address, tmp_path), reflection(), other)
            events = talk.say(TIRED)
        recalled = next(event for event in events if isinstance(event, Recalled))
        assert {one.id for one in recalled.reflections} == {"secret", "open"}
        assert len(log.chats) == 1
        assert "i am allowed to sit down when i am tired" in sent(log)
        assert not leaks(log)
        assert talk.last.trace["host"] == "127.0.0.1"

    def test_unmarked_the_same_reflection_is_sent(self, tmp_path: Path) -> None:
        with serving(servers.says(*GOOD)) as (address, log):
            talk = keeping(built(address, tmp_path), reflection(stays=False))
            talk.say(TIRED)
        assert leaks(log)

    def test_on_this_computer_it_is_sent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connection, "is_loopback", lambda host: True)
        with serving(servers.says(*GOOD)) as (address, log):
            talk = keeping(built(address, tmp_path), reflection())
            talk.say(TIRED)
        assert leaks(log)

    def test_a_reply_that_quoted_it_before_the_switch_is_not_sent_after_it(
        self, tmp_path: Path
    ) -> None:
        with serving(servers.says(*GOOD)) as (address, log):
            companion = built(address, tmp_path)
            talk = keeping(companion, reflection())
            turn = companion.ask(talk.id, TIRED)
            companion.journal.answer(
                replace(
                    turn,
                    reply=f"You kept this: “{SECRET}”",
                    answered_at=KEPT,
                    situation=Situation.MEANING_ATTACKED,
                    trace={"recalled": ["secret"]},
                )
            )
            talk.say("And today she said it in front of the whole office.")
        assert len(log.chats) == 1
        assert not leaks(log)

    def test_a_message_that_quotes_it_is_answered_here(self, tmp_path: Path) -> None:
        with serving(servers.says(*GOOD)) as (address, log):
            talk = keeping(built(address, tmp_path, model_reads=True), reflection())
            events = talk.say(f"I once wrote: {SECRET} And she laughs at it.")
        assert [event.reason for event in events if isinstance(event, TakenOver)] == [HELD_BACK]
        assert not leaks(log)
        assert talk.last.reply

    def test_marking_it_keeps_it_from_the_next_request(self, tmp_path: Path) -> None:
        with serving(servers.says(*GOOD)) as (address, log):
            companion = built(address, tmp_path)
            talk = keeping(companion, reflection(stays=False))
            companion.memory.edit(talk.person, replace(reflection(), stays=True))
            talk.say(TIRED)
        assert len(log.chats) == 1
        assert not leaks(log)

    def test_the_model_may_not_speak_of_what_it_was_not_given(self, tmp_path: Path) -> None:
        said = ("You wrote of Marit and a frozen lake in the spring. ", *GOOD)
        with serving(servers.says(*said)) as (address, _):
            talk = keeping(built(address, tmp_path), reflection())
            talk.say(TIRED)
        assert any("past" in one["reason"] for one in talk.last.trace["replaced"])
