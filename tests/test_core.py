"""The companion keeps the journal true: the message first, the reply when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from companion.build import shared_embedder
from companion.core import REMEMBERED_TURNS, Companion, history_of
from companion.domain import (
    NO_CRISIS,
    CrisisLevel,
    PastTurn,
    Reflection,
    ReflectionKind,
    Situation,
)
from companion.errors import BadInput, CompanionError, JournalError
from companion.events import Crisis, Finished, Reading, Recalled, Sentence
from companion.memory.in_memory import InMemoryIndex
from companion.memory.journal import open_journal
from companion.memory.recollection import Recollection
from companion.ports import Clock, Turn
from companion.text import MAX_MESSAGE, checked
from companion.workflow import Workflow
from tests.steps.making import NOON, ScriptedVoice

MESSAGE = "My boss told everyone I'm lazy because I left at five o'clock again."
DANGER = "I'm going to kill myself tonight"
BAD = {
    "empty": "",
    "white space": " \n\t \u00a0\r\n",
    "control characters": "\x00\x01\x07\x1b\x7f",
    "lone surrogates": "\ud800\udc00\udfff",
    "100,000 characters": "word " * 20_000,
    "one too many": "a" * (MAX_MESSAGE + 1),
}


class Talk:
    """One conversation with a Companion."""

    def __init__(self, companion: Companion) -> None:
        self.companion, self.journal = companion, companion.journal
        self.person = companion.journal.person().id
        self.id = companion.journal.start_conversation(self.person, companion.workflow.use.clock())

    def say(self, text: str) -> list:
        return list(self.companion.reply(self.person, self.id, text))

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.journal.turns(self.id)


@pytest.fixture
def on_disk(in_memory, tmp_path) -> Iterator[Callable[[Clock], Companion]]:
    """Gives a function that opens the Companion of one folder, as a new process would."""
    opened = []

    def open_it(clock: Clock) -> Companion:
        journal = open_journal(tmp_path / "data", tmp_path / "keys")
        opened.append(journal)
        use = in_memory.workflow.use
        memory = Recollection(journal, InMemoryIndex(), shared_embedder())
        return Companion(Workflow(replace(use, memory=memory, clock=clock)), journal, memory)

    yield open_it
    for journal in opened:
        journal.close()


@pytest.fixture
def talk(companion) -> Talk:
    return Talk(companion)


def test_the_message_is_in_the_journal_before_the_first_event(talk) -> None:
    events = talk.companion.reply(talk.person, talk.id, MESSAGE)
    assert next(events)
    (turn,) = talk.turns
    assert (turn.message, turn.reply) == (MESSAGE, None)


def test_the_reply_is_in_the_journal_before_it_is_announced(talk) -> None:
    for event in talk.companion.reply(talk.person, talk.id, MESSAGE):
        if isinstance(event, Finished):
            assert talk.turns[0].reply
            return
        assert talk.turns[0].reply is None
    pytest.fail("the turn never finished")


def test_the_journal_holds_what_was_shown(talk) -> None:
    events = talk.say(MESSAGE)
    (turn,) = talk.turns
    assert turn.reply == " ".join(e.text for e in events if isinstance(e, Sentence))
    assert turn.situation is next(e for e in events if isinstance(e, Reading)).situation
    assert turn.answered_at > turn.asked_at
    assert turn.crisis == NO_CRISIS
    assert {"reading", "recalled", "replaced", "offer", "voice", "seconds"} <= set(turn.trace)


def test_the_trace_holds_reflections_by_id_only(talk) -> None:
    kept = Reflection("r1", ReflectionKind.AUTHORSHIP, "Leaving at five is not lazy.", NOON)
    talk.companion.memory.keep(talk.person, kept)
    events = talk.say(MESSAGE)
    assert next(e for e in events if isinstance(e, Recalled)).reflections == (kept,)
    trace = talk.turns[0].trace
    assert trace["recalled"] == ["r1"]
    assert kept.text not in str(trace)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_cannot_be_answered_is_refused_in_one_sentence_and_not_kept(talk, text) -> None:
    with pytest.raises(BadInput) as refused:
        talk.say(text)
    assert talk.turns == ()
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert text.strip()[:50] not in said or not text.strip()


def test_the_longest_message_is_answered(talk) -> None:
    events = talk.say(("the bus was late " * 1000)[:MAX_MESSAGE])
    assert isinstance(events[-1], Finished)


def test_a_message_is_kept_as_it_was_cleaned() -> None:
    assert checked("  one\r\ntwo\x00 \n") == "one\ntwo"


def test_a_conversation_that_is_gone_is_said_so(talk) -> None:
    with pytest.raises(JournalError):
        list(talk.companion.reply(talk.person, "nowhere", MESSAGE))


def test_an_abandoned_reply_leaves_the_message_to_be_answered(talk) -> None:
    events = talk.companion.reply(talk.person, talk.id, MESSAGE)
    next(events)
    events.close()
    (waiting,) = talk.companion.unanswered(talk.id)
    assert waiting.message == MESSAGE
    list(talk.companion.answer(talk.person, waiting))
    assert talk.companion.unanswered(talk.id) == ()
    assert len(talk.turns) == 1


def test_earlier_turns_are_history_and_later_ones_are_not(talk) -> None:
    voice = ScriptedVoice("It stays out.")
    use = replace(talk.companion.workflow.use, voice=voice)
    companion = replace(talk.companion, workflow=Workflow(use))
    first = companion.ask(talk.id, "The first message of the evening.")
    list(companion.reply(talk.person, talk.id, "The second message of the evening."))
    list(companion.answer(talk.person, first))
    assert [[past.message for past in brief.history] for brief in voice.briefs] == [[], []]
    list(companion.reply(talk.person, talk.id, "The third message of the evening."))
    assert [past.message for past in voice.briefs[-1].history] == [
        "The first message of the evening.",
        "The second message of the evening.",
    ]


def test_history_is_the_last_answered_turns() -> None:
    turns = tuple(Turn(str(n), "c", f"m{n}", NOON, reply=f"r{n}") for n in range(60))
    found = history_of((*turns, Turn("x", "c", "not answered", NOON)))
    assert len(found) == REMEMBERED_TURNS - 1
    assert found[-1] == PastTurn("m59", "r59", None, NOON)


def test_a_crisis_is_remembered_by_the_next_turn(talk) -> None:
    first = next(e for e in talk.say(DANGER) if isinstance(e, Crisis))
    assert talk.turns[0].crisis == first.state
    again = next(e for e in talk.say("idk") if isinstance(e, Crisis))
    assert again.state.level is CrisisLevel.EMERGENCY
    assert set(first.state.said) < set(again.state.said)
    assert again.text != first.text


def test_a_crisis_outlives_the_process(on_disk, moving_clock) -> None:
    talk = Talk(on_disk(moving_clock))
    talk.say(DANGER)
    talk.journal.close()
    again = on_disk(moving_clock)
    (event, _) = again.reply(talk.person, talk.id, "forget it")
    assert event.state.level is CrisisLevel.EMERGENCY


def test_a_crisis_does_not_leave_its_conversation(talk) -> None:
    talk.say(DANGER)
    other = Talk(talk.companion)
    assert not [event for event in other.say(MESSAGE) if isinstance(event, Crisis)]


def test_a_turn_that_failed_does_not_end_a_crisis(talk) -> None:
    talk.say(DANGER)
    talk.companion.ask(talk.id, "idk")
    events = talk.say("maybe")
    assert events[0].state.level is CrisisLevel.EMERGENCY


def test_the_contacts_are_those_of_the_person_s_country(talk) -> None:
    person = replace(talk.journal.person(), country="IE")
    talk.journal.save_person(person)
    event = talk.say(DANGER)[0]
    assert event.contacts[0].value == "112"
    assert "Pieta" in {contact.name for contact in event.contacts}
    assert talk.turns[0].trace["contacts"][0]["value"] == "112"


def test_at_one_instant_history_and_crisis_still_hold(in_memory) -> None:
    talk = Talk(in_memory.alone(lambda: datetime(2026, 3, 9, 20, tzinfo=UTC)))
    for number in range(5):
        talk.say(f"The bus number {number} was late this morning.")
    assert [turn.message[15] for turn in talk.turns] == list("01234")
    assert [past.message[15] for past in history_of(talk.turns)] == list("01234")
    assert talk.say(DANGER)[0].state.level is CrisisLevel.EMERGENCY
    assert talk.say("idk")[0].state.level is CrisisLevel.EMERGENCY


def test_at_one_instant_a_journal_on_disk_keeps_the_order_too(on_disk) -> None:
    talk = Talk(on_disk(lambda: datetime(2026, 3, 9, 20, tzinfo=UTC)))
    talk.say(DANGER)
    assert talk.say("idk")[0].state.level is CrisisLevel.EMERGENCY
    assert [turn.message for turn in talk.turns] == [DANGER, "idk"]


def test_a_correction_reads_the_message_again(talk) -> None:
    talk.say(MESSAGE)
    (turn,) = talk.turns
    events = list(talk.companion.answer(talk.person, turn, Situation.LOVE_REVOKED))
    assert next(e for e in events if isinstance(e, Reading)).situation is Situation.LOVE_REVOKED
    (again,) = talk.turns
    assert again.id == turn.id
    assert again.situation is Situation.LOVE_REVOKED
    assert again.reply != turn.reply


def test_alone_shares_the_models_and_remembers_nothing(companion) -> None:
    talk = Talk(companion)
    talk.say(MESSAGE)
    other = companion.alone(companion.workflow.use.clock)
    assert other.workflow.use.reader is companion.workflow.use.reader
    assert other.journal.conversations(talk.person) == ()


def test_a_companion_on_disk_cannot_be_emptied(on_disk, moving_clock) -> None:
    with pytest.raises(CompanionError):
        on_disk(moving_clock).alone(moving_clock)


@pytest.mark.parametrize(
    "text",
    [
        "\u202eevil\u202c",
        "🙃" * 200,
        "أنا وحيد",
        "Z̸̛̙͎a̴l̷g̵o̶",
        "'; DROP TABLE turns; --",
        "{words} {{ 7*7 }} <script>alert(1)</script>",
        "a\u0000b",
        "—",
    ],
)
def test_strange_text_is_answered_and_kept(talk, text: str) -> None:
    assert isinstance(talk.say(text)[-1], Finished)
    assert talk.turns[0].message == checked(text)
    assert talk.turns[0].reply
