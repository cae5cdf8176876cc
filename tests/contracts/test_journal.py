"""What every Journal does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from companion.domain import (
    CrisisKind,
    CrisisLevel,
    CrisisState,
    PastTurn,
    Reflection,
    ReflectionKind,
    Situation,
)
from companion.errors import JournalError
from companion.memory.in_memory import InMemoryJournal
from companion.memory.journal import open_journal
from companion.memory.schema import corrections
from companion.ports import Correction, Person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sql", "in_memory"])
def journal(request, tmp_path):
    if request.param == "in_memory":
        made = InMemoryJournal()
    else:
        made = open_journal(tmp_path / "data", tmp_path / "keys")
    yield made
    made.close()


def reflection(key="one", text="I get to stop.", kind=ReflectionKind.AUTHORSHIP, at=NOON):
    return Reflection(key, kind, text, at)


def test_there_is_one_person_and_they_stay(journal):
    person = journal.person()
    assert person.id
    assert person.country is None
    assert journal.person() == person


def test_a_person_is_saved(journal):
    person = replace(journal.person(), country="DE", settings={"text_size": 2, "names": ["Ö"]})
    journal.save_person(person)
    assert journal.person() == person


def test_a_person_never_seen_before_can_be_saved(journal):
    journal.save_person(Person("anna", "FR"))
    assert journal.person() == Person("anna", "FR")


def test_a_message_is_there_before_it_is_answered(journal):
    conversation = journal.start_conversation(journal.person().id, NOON)
    turn = journal.ask(conversation, "She called me lazy.", NOON)
    (found,) = journal.turns(conversation)
    assert (found.id, found.message, found.asked_at) == (turn, "She called me lazy.", NOON)
    assert (found.reply, found.crisis, found.situation, dict(found.trace)) == (None, None, None, {})


def test_an_answer_is_given_back_whole(journal):
    conversation = journal.start_conversation(journal.person().id, NOON)
    journal.ask(conversation, "first", NOON)
    (turn,) = journal.turns(conversation)
    answered = replace(
        turn,
        reply="No. That reading is not allowed in.",
        answered_at=NOON + timedelta(seconds=2),
        crisis=CrisisState(CrisisLevel.CONCERN, CrisisKind.DANGER_FROM, ("a", "b"), cleared=True),
        situation=Situation.MEANING_ATTACKED,
        trace={"probabilities": {"meaning_attacked": 0.9}, "recalled": ["one"], "note": None},
    )
    journal.answer(answered)
    assert journal.turns(conversation) == (answered,)


def test_an_answer_never_changes_the_message(journal):
    conversation = journal.start_conversation(journal.person().id, NOON)
    journal.ask(conversation, "first", NOON)
    (turn,) = journal.turns(conversation)
    journal.answer(replace(turn, message="something else", reply="yes"))
    assert journal.turns(conversation)[0].message == "first"


def test_turns_come_oldest_first_even_within_one_moment(journal):
    conversation = journal.start_conversation(journal.person().id, NOON)
    for number in range(5):
        journal.ask(conversation, str(number), NOON)
    assert [turn.message for turn in journal.turns(conversation)] == list("01234")


def test_conversations_come_latest_used_first(journal):
    person = journal.person().id
    first = journal.start_conversation(person, NOON)
    second = journal.start_conversation(person, NOON + timedelta(hours=1))
    assert [key for key, _ in journal.conversations(person)] == [second, first]
    journal.ask(first, "again", NOON + timedelta(hours=2))
    assert journal.conversations(person)[0] == (first, NOON + timedelta(hours=2))


def test_conversations_of_another_person_stay_apart(journal):
    mine = journal.start_conversation("anna", NOON)
    journal.ask(mine, "hello", NOON)
    assert journal.conversations("ben") == ()
    journal.forget_conversation("ben", mine)
    assert len(journal.turns(mine)) == 1


def test_a_forgotten_conversation_takes_turns_and_corrections_along(journal):
    person = journal.person().id
    conversation = journal.start_conversation(person, NOON)
    turn = journal.ask(conversation, "hello", NOON)
    journal.correct(turn, Situation.LOVE_REVOKED, NOON)
    journal.forget_conversation(person, conversation)
    assert journal.conversations(person) == ()
    assert journal.turns(conversation) == ()
    with pytest.raises(JournalError):
        journal.correct(turn, Situation.LOVE_REVOKED, NOON)
    with pytest.raises(JournalError):
        journal.ask(conversation, "still there?", NOON)


def answered(journal, conversation, message, situation=Situation.MEANING_ATTACKED, **more):
    """Ask and answer as it was read; gives the turn."""
    journal.ask(conversation, message, NOON)
    turn = journal.turns(conversation)[-1]
    shares = {name.value: 0.6 if name is situation else 0.1 for name in Situation}
    trace = {"reading": {"situation": situation and situation.value, "probabilities": shares}}
    answer = {"reply": f"To {message}", "situation": situation, "trace": trace}
    journal.answer(replace(turn, **answer | more))
    return journal.turns(conversation)[-1]


def test_a_correction_is_given_with_the_turns_before_it(journal):
    person = journal.person().id
    other = journal.start_conversation(person, NOON)
    answered(journal, other, "elsewhere")
    conversation = journal.start_conversation(person, NOON)
    first = answered(journal, conversation, "first")
    answered(journal, conversation, "danger", None, trace={"contacts": []})
    journal.ask(conversation, "never answered", NOON)
    third = answered(journal, conversation, "third", Situation.EVERYDAY)
    answered(journal, conversation, "after it")
    assert journal.corrections(person) == ()
    later = NOON + timedelta(minutes=1)
    journal.correct(third.id, Situation.LOVE_REVOKED, later)
    past = (
        PastTurn("first", "To first", Situation.MEANING_ATTACKED, first.asked_at),
        PastTurn("danger", "To danger", None, NOON),
    )
    assert journal.corrections(person) == (
        Correction(
            turn=third.id,
            conversation=conversation,
            message="third",
            situation=Situation.LOVE_REVOKED,
            read_as=Situation.EVERYDAY,
            history=past,
            noted_at=later,
        ),
    )


def test_of_a_turn_corrected_again_the_last_counts(journal):
    person = journal.person().id
    turn = answered(journal, journal.start_conversation(person, NOON), "hello")
    # Even within one moment, and in whatever order their ids would sort.
    for situation in [*Situation, Situation.SAFETY_MISSING]:
        journal.correct(turn.id, situation, NOON)
    (found,) = journal.corrections(person)
    assert (found.situation, found.noted_at) == (Situation.SAFETY_MISSING, NOON)


def test_what_it_was_read_as_outlasts_its_being_answered_again(journal):
    person = journal.person().id
    conversation = journal.start_conversation(person, NOON)
    turn = answered(journal, conversation, "hello", Situation.EVERYDAY)
    journal.correct(turn.id, Situation.LOVE_REVOKED, NOON)
    trace = {"reading": {**turn.trace["reading"], "situation": "love_revoked"}}
    journal.answer(replace(turn, situation=Situation.LOVE_REVOKED, trace=trace))
    (found,) = journal.corrections(person)
    assert (found.read_as, found.situation) == (Situation.EVERYDAY, Situation.LOVE_REVOKED)


def test_a_corrected_turn_that_was_never_read_says_so(journal):
    person = journal.person().id
    turn = journal.ask(journal.start_conversation(person, NOON), "hello", NOON)
    journal.correct(turn, Situation.EVERYDAY, NOON)
    assert journal.corrections(person)[0].read_as is None


def test_corrections_come_oldest_first_and_each_person_has_their_own(journal):
    mine, another = (journal.start_conversation("anna", NOON) for _ in range(2))
    his = journal.start_conversation("ben", NOON)
    for minute, conversation in ((3, mine), (1, another), (2, his), (2, mine)):
        turn = answered(journal, conversation, f"{minute}")
        journal.correct(turn.id, Situation.EVERYDAY, NOON + timedelta(minutes=minute))
    assert [one.message for one in journal.corrections("anna")] == ["1", "2", "3"]
    assert [one.message for one in journal.corrections("ben")] == ["2"]
    journal.forget_conversation("anna", mine)
    assert [one.message for one in journal.corrections("anna")] == ["1"]


def test_corrections_are_there_after_reopening_and_cannot_be_read_on_the_disk(tmp_path):
    journal = open_journal(tmp_path / "data", tmp_path / "keys")
    person = journal.person().id
    turn = answered(journal, journal.start_conversation(person, NOON), "hello")
    journal.correct(turn.id, Situation.LOVE_REVOKED, NOON)
    before = journal.corrections(person)
    journal.close()
    journal = open_journal(tmp_path / "data", tmp_path / "keys")
    assert journal.corrections(person) == before != ()
    journal.close()
    files = [path.read_bytes() for path in (tmp_path / "data").iterdir()]
    assert files
    assert not any(b"love_revoked" in content for content in files)


def test_of_several_notes_in_an_older_journal_the_latest_counts(tmp_path):
    journal = open_journal(tmp_path / "data", tmp_path / "keys")
    person = journal.person().id
    turn = answered(journal, journal.start_conversation(person, NOON), "hello")
    home = timezone(timedelta(hours=9))
    moments = (
        # As text the second would sort last, and it is the earliest.
        ("a", Situation.EVERYDAY, NOON),
        ("b", Situation.LOVE_REVOKED, (NOON - timedelta(hours=1)).astimezone(home)),
    )
    with journal._store.writing() as connection:
        for key, situation, at in moments:
            values = journal._rows.sealed_correction(key, turn.id, situation)
            connection.execute(insert(corrections).values(noted_at=at.isoformat(), **values))
    assert [one.situation for one in journal.corrections(person)] == [Situation.EVERYDAY]
    journal.close()


def test_an_answer_to_a_forgotten_turn_is_refused(journal):
    person = journal.person().id
    conversation = journal.start_conversation(person, NOON)
    journal.ask(conversation, "hello", NOON)
    (turn,) = journal.turns(conversation)
    journal.forget_conversation(person, conversation)
    with pytest.raises(JournalError, match="no longer"):
        journal.answer(replace(turn, reply="yes"))


def test_reflections_come_oldest_first_with_their_own_day(journal):
    person = journal.person().id
    home = timezone(timedelta(hours=9))
    late = reflection("late", at=datetime(2026, 5, 2, 1, tzinfo=home))
    early = reflection("early", at=datetime(2026, 5, 1, 15, tzinfo=UTC))
    journal.keep(person, late)
    journal.keep(person, early)
    found = journal.reflections(person)
    assert [one.id for one in found] == ["early", "late"]
    assert found[1].kept_at.isoformat() == late.kept_at.isoformat()


def test_reflections_of_one_moment_keep_their_order(journal):
    for key in "cab":
        journal.keep("anna", reflection(key))
    assert [one.id for one in journal.reflections("anna")] == ["c", "a", "b"]


def test_two_people_may_use_one_id(journal):
    journal.keep("anna", reflection(text="hers"))
    journal.keep("ben", reflection(text="his"))
    assert [one.text for one in journal.reflections("anna")] == ["hers"]
    journal.forget("anna", ["one"])
    assert [one.text for one in journal.reflections("ben")] == ["his"]


def test_an_id_is_kept_once(journal):
    journal.keep("anna", reflection())
    with pytest.raises(JournalError, match="already"):
        journal.keep("anna", reflection(text="another"))
    assert journal.reflections("anna") == (reflection(),)


def test_an_edit_changes_text_and_kind_and_leaves_the_date(journal):
    journal.keep("anna", reflection())
    later = NOON + timedelta(days=9)
    journal.edit("anna", reflection(text="Sam came.", kind=ReflectionKind.CONNECTION, at=later))
    expected = reflection(text="Sam came.", kind=ReflectionKind.CONNECTION)
    assert journal.reflections("anna") == (expected,)


def test_a_reflection_that_never_leaves_is_kept_as_such_and_can_be_changed(journal):
    person = journal.person().id
    journal.keep(person, replace(reflection(), stays=True))
    journal.keep(person, reflection("two", "Sam came."))
    assert [one.stays for one in journal.reflections(person)] == [True, False]
    journal.edit(person, replace(reflection(), stays=False))
    journal.edit(person, replace(reflection("two", "Sam came."), stays=True))
    assert [one.stays for one in journal.reflections(person)] == [False, True]


def test_an_edit_of_nothing_is_refused(journal):
    with pytest.raises(JournalError, match="no such reflection"):
        journal.edit("anna", reflection())


def test_forgetting_takes_the_text_out_of_replies_and_traces(journal):
    kept = reflection(text="Rest is not laziness. I get to stop.")
    journal.keep("anna", kept)
    conversation = journal.start_conversation("anna", NOON)
    journal.ask(conversation, "I rested all day.", NOON)
    (turn,) = journal.turns(conversation)
    journal.answer(
        replace(
            turn,
            reply="In March you wrote: “rest is not laziness. I get to stop.” It stands.",
            trace={"recalled": ["one"], "prompt": ["memory: Rest is not laziness."]},
        )
    )
    journal.forget("anna", ["one", "never kept"])
    (turn,) = journal.turns(conversation)
    assert journal.reflections("anna") == ()
    assert turn.message == "I rested all day."
    assert turn.reply == "In March you wrote: “(forgotten).” It stands."
    assert turn.trace == {"recalled": ["one"], "prompt": ["memory: (forgotten)."]}


def test_forgetting_leaves_other_replies_alone(journal):
    journal.keep("anna", reflection(text="I do not want to"))
    journal.keep("anna", reflection("two", text="Sam came."))
    conversation = journal.start_conversation("ben", NOON)
    journal.ask(conversation, "hello", NOON)
    (turn,) = journal.turns(conversation)
    journal.answer(replace(turn, reply="I do not want to."))
    journal.forget("anna", ["one"])
    assert journal.turns(conversation)[0].reply == "I do not want to."
    assert [one.id for one in journal.reflections("anna")] == ["two"]


def test_the_revision_changes_with_every_reflection_and_nothing_else(journal):
    seen = [journal.revision("anna")]
    for change in (
        lambda: journal.keep("anna", reflection()),
        lambda: journal.edit("anna", reflection(text="other")),
        lambda: journal.forget("anna", ["one"]),
    ):
        change()
        seen.append(journal.revision("anna"))
    assert len(set(seen)) == 4
    conversation = journal.start_conversation("anna", NOON)
    journal.ask(conversation, "hello", NOON)
    journal.save_person(Person("anna", "SE"))
    journal.keep("ben", reflection())
    assert journal.revision("anna") == seen[-1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(st.characters(), max_size=200))
def test_any_unicode_comes_back_as_it_was(journal, text):
    conversation = journal.start_conversation("anna", NOON)
    journal.ask(conversation, text, NOON)
    (turn,) = journal.turns(conversation)
    journal.answer(replace(turn, reply=text, trace={"text": text}))
    (found,) = journal.turns(conversation)
    assert (found.message, found.reply, found.trace) == (text, text, {"text": text})
    journal.keep("anna", reflection(text=text))
    assert journal.reflections("anna")[0].text == text
    journal.forget("anna", ["one"])
