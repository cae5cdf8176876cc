"""Turns run outside the page: nobody who leaves, fails or hurries loses a word."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from companion.core import Companion
from companion.domain import Situation
from companion.errors import BadInput, JournalError, ModelError
from companion.events import Crisis, Finished, Reading, Sentence
from companion.ports import Draft
from companion.steps.guard import Guard
from companion.turns import UNEXPECTED, LiveTurn, Turns
from companion.workflow import Workflow
from tests.steps.making import PlainReader, ScriptedVoice

PATIENCE = 60
"""Seconds until something that should happen counts as not happening. Nothing is timed."""
FIRST = "My boss told everyone I'm lazy because I left at five o'clock."
SECOND = "And then my sister said much the same thing about me to everyone."


class SlowVoice(ScriptedVoice):
    """Says one sentence, then waits until it may say the next."""

    def __init__(self) -> None:
        super().__init__(name="slow")
        self.begun, self.go_on = threading.Event(), threading.Event()

    def speak(self, brief) -> Iterator[Draft]:
        self.briefs.append(brief)
        yield Draft(f"First about {brief.message[:6]}.")
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        yield Draft("Then the rest.")


@pytest.fixture
def voice() -> Iterator[SlowVoice]:
    made = SlowVoice()
    yield made
    made.go_on.set()


def speaking(companion: Companion, voice) -> Turns:
    use = replace(companion.workflow.use, voice=voice, guard=Guard(PlainReader()))
    return Turns(replace(companion, workflow=Workflow(use)))


@pytest.fixture
def turns(companion, voice) -> Turns:
    return speaking(companion, voice)


@pytest.fixture
def send(turns) -> Callable[[str], LiveTurn]:
    return lambda text: turns.send(person(turns), conversation(turns), text)


def person(turns: Turns) -> str:
    return turns.companion.journal.person().id


def conversation(turns: Turns) -> str:
    journal = turns.companion.journal
    known = journal.conversations(person(turns))
    if known:
        return known[-1][0]
    return journal.start_conversation(person(turns), turns.companion.workflow.use.clock())


def kept(turns: Turns):
    return turns.companion.journal.turns(conversation(turns))


def drained(live: LiveTurn) -> list:
    events = list(live.follow(PATIENCE))
    assert live.done, "the turn did not end"
    return events


def test_the_message_is_kept_before_its_turn_runs(turns, voice, send) -> None:
    live = send(FIRST)
    assert [turn.message for turn in kept(turns)] == [FIRST]
    voice.go_on.set()
    assert isinstance(drained(live)[-1], Finished)
    assert kept(turns)[0].reply


def test_a_follower_gets_every_event_from_the_first_whenever_it_comes(turns, voice, send) -> None:
    live = send(FIRST)
    assert voice.begun.wait(PATIENCE)
    early = live.follow(PATIENCE)
    assert isinstance(next(early), Reading)
    voice.go_on.set()
    late = drained(live)
    assert [late[0], *early] == late
    assert list(live.follow(PATIENCE)) == late
    assert [e.text for e in late if isinstance(e, Sentence)] == [
        "First about My bos.",
        "Then the rest.",
    ]


def test_an_abandoned_follower_loses_nothing(turns, voice, send) -> None:
    live = send(FIRST)
    follower = live.follow(PATIENCE)
    next(follower)
    follower.close()
    voice.go_on.set()
    assert isinstance(drained(live)[-1], Finished)
    assert kept(turns)[0].reply == "First about My bos. Then the rest."


def test_a_second_message_waits_for_the_first(turns, voice, send) -> None:
    first = send(FIRST)
    assert voice.begun.wait(PATIENCE)
    second = send(SECOND)
    assert [live.turn.message for live in turns.live(conversation(turns))] == [FIRST, SECOND]
    assert second.events == []
    assert [turn.message for turn in kept(turns)] == [FIRST, SECOND]
    assert len(voice.briefs) == 1

    voice.go_on.set()
    drained(first)
    drained(second)
    assert [brief.message for brief in voice.briefs] == [FIRST, SECOND]
    assert [past.message for past in voice.briefs[1].history] == [FIRST]
    assert all(turn.reply for turn in kept(turns))
    assert turns.live(conversation(turns)) == ()


def test_many_messages_at_once_are_answered_in_their_order(turns, voice, send) -> None:
    sent = [send(f"Message number {n} about the bus that was late again.") for n in range(6)]
    voice.go_on.set()
    for live in sent:
        drained(live)
    assert [brief.message[15] for brief in voice.briefs] == list("012345")
    assert [len(brief.history) for brief in voice.briefs] == list(range(6))


def test_conversations_do_not_wait_for_each_other(turns, voice, send) -> None:
    slow = send(FIRST)
    assert voice.begun.wait(PATIENCE)
    other = turns.companion.journal.start_conversation(
        person(turns), turns.companion.workflow.use.clock()
    )
    danger = turns.send(person(turns), other, "I'm going to kill myself tonight")
    assert isinstance(drained(danger)[0], Crisis)
    assert not slow.done
    voice.go_on.set()
    drained(slow)


@pytest.mark.parametrize("text", ["", " \n", "\x00\x07", "a" * 100_000])
def test_what_cannot_be_taken_is_refused_before_anything_is_queued(turns, send, text) -> None:
    with pytest.raises(BadInput):
        send(text)
    assert kept(turns) == ()
    assert turns.live(conversation(turns)) == ()


@pytest.mark.parametrize("error", [ZeroDivisionError(FIRST), RuntimeError(FIRST), KeyError(FIRST)])
def test_an_unexpected_failure_gives_one_sentence_and_keeps_the_message(
    companion, caplog, error
) -> None:
    turns = speaking(companion, ScriptedVoice(error))
    with caplog.at_level(logging.DEBUG):
        live = turns.send(person(turns), conversation(turns), FIRST)
        drained(live)
    assert live.error == UNEXPECTED
    (turn,) = kept(turns)
    assert (turn.message, turn.reply) == (FIRST, None)
    assert FIRST not in caplog.text, "an error may not write a person's words to a log"
    assert type(error).__name__ in caplog.text


def test_a_failure_that_is_ours_is_said_as_it_is(companion, monkeypatch) -> None:
    turns = speaking(companion, ScriptedVoice("It stays out."))

    def full(turn) -> None:
        raise JournalError("The disk is full; make some room.")

    monkeypatch.setattr(turns.companion.journal, "answer", full)
    live = turns.send(person(turns), conversation(turns), FIRST)
    drained(live)
    assert live.error == "The disk is full; make some room."
    assert kept(turns)[0].reply is None


def test_a_failure_does_not_hold_up_the_next_message(companion) -> None:
    class Once(ScriptedVoice):
        def speak(self, brief):
            if not self.briefs:
                self.briefs.append(brief)
                raise ZeroDivisionError
            yield Draft("It stays out.")

    turns = speaking(companion, Once())
    first = turns.send(person(turns), conversation(turns), FIRST)
    second = turns.send(person(turns), conversation(turns), SECOND)
    drained(first)
    drained(second)
    assert (first.error, second.error) == (UNEXPECTED, None)
    assert [turn.reply for turn in kept(turns)] == [None, "It stays out."]


def test_a_model_that_fails_is_no_failure_of_the_turn(companion) -> None:
    turns = speaking(companion, ScriptedVoice(ModelError("It stopped.")))
    live = turns.send(person(turns), conversation(turns), FIRST)
    drained(live)
    assert live.error is None
    assert kept(turns)[0].reply


def test_what_a_killed_process_left_is_answered_on_reopening(companion) -> None:
    before = Turns(companion)
    for message in (FIRST, SECOND):
        before.companion.ask(conversation(before), message)
    after = speaking(companion, ScriptedVoice("It stays out."))
    after.resume(person(after), conversation(after))
    for live in after.live(conversation(after)):
        drained(live)
    assert [turn.reply for turn in kept(after)] == ["It stays out."] * 2
    after.resume(person(after), conversation(after))
    assert after.live(conversation(after)) == ()


def test_reopening_does_not_answer_twice_what_is_being_answered(turns, voice, send) -> None:
    live = send(FIRST)
    assert voice.begun.wait(PATIENCE)
    turns.resume(person(turns), conversation(turns))
    turns.resume(person(turns), conversation(turns))
    assert turns.live(conversation(turns)) == (live,)
    voice.go_on.set()
    drained(live)
    assert len(voice.briefs) == 1


def test_a_correction_answers_the_message_again_as_what_it_was(companion) -> None:
    turns = speaking(companion, ScriptedVoice("It stays out."))
    drained(turns.send(person(turns), conversation(turns), FIRST))
    (turn,) = kept(turns)
    corrected = next(s for s in Situation if s is not turn.situation)
    live = turns.correct(person(turns), turn, corrected)
    events = drained(live)
    assert next(e for e in events if isinstance(e, Reading)).situation is corrected
    (again,) = kept(turns)
    assert (again.id, again.situation) == (turn.id, corrected)


def test_no_thread_is_left_behind(turns, voice, send) -> None:
    before = threading.active_count()
    voice.go_on.set()
    lives = [send(FIRST) for _ in range(3)]
    for live in lives:
        drained(live)
    for thread in threading.enumerate():
        if "_run" in thread.name:
            thread.join(PATIENCE)
    assert threading.active_count() <= before


def test_a_follower_of_a_turn_that_never_moves_gives_up(companion) -> None:
    waiting = companion.ask(conversation(Turns(companion)), FIRST)
    assert list(LiveTurn("someone", waiting).follow(timeout=0.01)) == []


def test_another_voice_speaks_from_the_next_turn_on(turns, voice, send) -> None:
    retired = threading.Event()
    turns.companion = replace(turns.companion, retire=retired.set)
    other = ScriptedVoice("It stays out.")
    first = send(FIRST)
    assert voice.begun.wait(PATIENCE)
    second = send(SECOND)
    turns.speak_through(speaking(turns.companion, other).companion)
    assert not retired.is_set(), "it still speaks"
    voice.go_on.set()
    drained(first)
    drained(second)
    assert [turn.reply for turn in kept(turns)] == [
        "First about My bos. Then the rest.",
        "It stays out.",
    ]
    assert retired.wait(PATIENCE)


def test_a_voice_that_is_idle_is_retired_at_once(turns) -> None:
    retired = threading.Event()
    before = turns.companion
    turns.companion = replace(before, retire=retired.set)
    turns.speak_through(before)
    assert retired.wait(PATIENCE)
