"""Danger comes before any mode: the vetted text, what clears a crisis, and what never does."""

from __future__ import annotations

import pytest

from companion.contacts import Contacts
from companion.domain import NO_CRISIS, CrisisKind, CrisisLevel, CrisisState
from companion.prompts import document
from companion.steps.triage import Triage, Triager
from tests.steps.making import read

NONE, CONCERN, EMERGENCY = CrisisLevel.NONE, CrisisLevel.CONCERN, CrisisLevel.EMERGENCY
SAID = document("crisis")["said"]
ACTIVE = [
    pytest.param(kind, level, id=f"{kind.value}-{level.value}")
    for kind in CrisisKind
    for level in (CONCERN, EMERGENCY)
]
KEEPS = ("wont_call", "called_awful", "cannot_speak", "unclear", "forget_it")


def answered(
    triager: Triager, state: CrisisState, message: str, reads: CrisisLevel = NONE, **more: object
) -> Triage:
    country = more.pop("country", None)
    return triager.triage(message, read(crisis=reads, kind=state.kind, **more), state, country)


def first(triager: Triager, level: CrisisLevel, kind: CrisisKind, **given: object) -> Triage:
    country = given.pop("country", None)
    return triager.triage("…", read(crisis=level, kind=kind), NO_CRISIS, country, **given)


def pool(*path: str) -> list[str]:
    node = document("crisis")
    for key in path:
        node = node[key]
    return node


def test_without_danger_nothing_is_said(triager) -> None:
    assert triager.triage("hello", read(), NO_CRISIS, None) == Triage(NO_CRISIS)


@pytest.mark.parametrize(("kind", "level"), ACTIVE)
def test_danger_gets_what_was_heard_one_question_and_contacts(triager, kind, level) -> None:
    said = first(triager, level, kind, country="GB")
    assert (said.state.level, said.state.kind, said.state.cleared) == (level, kind, False)
    assert said.crisis.state == said.state
    parts = said.crisis.text.split("\n\n")
    wanted = [pool("kinds", kind.value, level.value, part)[0] for part in ("heard", "question")]
    contacts = pool("kinds", kind.value, level.value, "contacts")[0]
    assert parts == ([contacts, *wanted] if level is EMERGENCY else [*wanted, contacts])
    assert said.crisis.contacts_first is (level is EMERGENCY)
    assert said.crisis.contacts[0].name == "Emergency services"
    assert said.lead is None


@pytest.mark.parametrize(("kind", "level"), ACTIVE)
def test_a_yes_to_the_question_is_an_emergency(triager, kind, level) -> None:
    said = answered(triager, CrisisState(level, kind), "yes")
    assert said.state.level is EMERGENCY
    assert said.crisis.text in pool("answers", "yes", kind.value, "any")
    assert said.crisis.contacts_first


@pytest.mark.parametrize("kind", list(CrisisKind))
def test_a_no_to_the_question_clears_a_concern(triager, kind) -> None:
    said = answered(triager, CrisisState(CONCERN, kind), "no")
    assert (said.state.level, said.state.cleared) == (NONE, True)
    assert said.crisis.text in pool("answers", "no", kind.value, "concern")
    assert said.crisis.contacts, "contacts stay one tap away"
    assert not said.crisis.contacts_first


@pytest.mark.parametrize("kind", list(CrisisKind))
def test_a_no_to_the_question_keeps_an_emergency(triager, kind) -> None:
    said = answered(triager, CrisisState(EMERGENCY, kind), "no")
    assert said.state.level is EMERGENCY
    assert said.crisis.text in pool("answers", "no", kind.value, "emergency")
    assert said.crisis.contacts_first


@pytest.mark.parametrize("word", ["yes", "Yes.", "YEAH", "y", "yep!"])
def test_a_bare_yes_is_read_against_the_question(triager, word) -> None:
    assert answered(triager, CrisisState(CONCERN), word).state.level is EMERGENCY


@pytest.mark.parametrize("word", ["no", "No.", "nope", "n", "NO!"])
def test_a_bare_no_is_read_against_the_question(triager, word) -> None:
    assert answered(triager, CrisisState(CONCERN), word).state.level is NONE
    assert answered(triager, CrisisState(EMERGENCY), word).state.level is EMERGENCY


@pytest.mark.parametrize(("kind", "level"), ACTIVE)
@pytest.mark.parametrize("answer", ["safe", "misread"])
def test_being_safe_or_misread_ends_either_level(triager, kind, level, answer) -> None:
    said = answered(triager, CrisisState(level, kind), SAID[answer][0])
    assert (said.state.level, said.state.cleared) == (NONE, True)
    assert said.crisis.text
    assert said.crisis.contacts


@pytest.mark.parametrize("reads", [CONCERN, EMERGENCY])
def test_safe_does_not_end_what_is_read_as_danger_in_the_same_breath(triager, reads) -> None:
    said = answered(triager, CrisisState(EMERGENCY), "i'm safe, the knife is here", reads)
    assert said.state.level is EMERGENCY


@pytest.mark.parametrize("reads", [CONCERN, EMERGENCY])
@pytest.mark.parametrize("answer", ["safe", "misread"])
def test_an_answer_vetted_word_for_word_ends_it_however_it_is_read(triager, answer, reads) -> None:
    said = answered(triager, CrisisState(EMERGENCY), SAID[answer][0], reads)
    assert said.state.level is NONE


@pytest.mark.parametrize(("kind", "level"), ACTIVE)
@pytest.mark.parametrize("answer", KEEPS)
def test_any_other_answer_keeps_the_level(triager, kind, level, answer) -> None:
    for example in SAID[answer]:
        said = answered(triager, CrisisState(level, kind), example)
        assert (said.state.level, said.state.kind) == (level, kind)
        assert said.crisis.text
        assert said.crisis.contacts_first is (level is EMERGENCY)


@pytest.mark.parametrize("reads", [CONCERN, EMERGENCY])
def test_forget_it_neither_clears_nor_raises(triager, reads) -> None:
    for example in SAID["forget_it"]:
        assert answered(triager, CrisisState(CONCERN), example, reads).state.level is CONCERN


@pytest.mark.parametrize("answer", SAID)
def test_every_authored_answer_is_recognised_word_for_word(triager, answer) -> None:
    unrecognised = [text for text in SAID[answer] if triager._answer(text) != answer]
    assert unrecognised == []


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("yes i am", "yes"),
        ("no not really", "no"),
        ("I hate talking on the phone", "wont_call"),
        ("i really dont know", "unclear"),
        ("never mind, forget i said it", "forget_it"),
        ("im safe now promise", "safe"),
        ("you misunderstood me", "misread"),
        ("i can't speak he's in the room", "cannot_speak"),
    ],
)
def test_an_answer_in_other_words_is_recognised_too(triager, message, answer) -> None:
    assert triager._answer(message) == answer


@pytest.mark.parametrize("message", ["…", "?!", "🙃", "   "])
def test_an_answer_without_words_is_unclear_and_keeps_the_level(triager, message) -> None:
    for level in (CONCERN, EMERGENCY):
        assert answered(triager, CrisisState(level), message).state.level is level


@pytest.mark.parametrize("calm", [0.0, 0.5, 0.999])
def test_an_emergency_does_not_end_because_the_talk_moves_on(triager, calm) -> None:
    message = "we had pasta and then we watched the football on the sofa"
    said = answered(triager, CrisisState(EMERGENCY), message, calm=calm)
    assert said.state.level is EMERGENCY
    assert said.crisis


def test_a_concern_ends_when_the_next_message_clearly_moves_on(triager) -> None:
    message = "we had pasta and then we watched the football on the sofa"
    said = answered(triager, CrisisState(CONCERN), message, calm=0.97)
    assert (said.state.level, said.state.cleared) == (NONE, True)
    assert said.crisis is None
    assert said.lead, "a line of vetted text leads back into the conversation"


@pytest.mark.parametrize(
    ("message", "calm"),
    [
        ("we had pasta and then we watched the football on the sofa", 0.6),
        ("pasta again", 0.99),
    ],
)
def test_a_concern_stays_when_it_is_not_clear(triager, message, calm) -> None:
    assert answered(triager, CrisisState(CONCERN), message, calm=calm).state.level is CONCERN


@pytest.mark.parametrize("kind", list(CrisisKind))
def test_a_concern_rises_to_an_emergency(triager, kind) -> None:
    message = "i have put everything out on the table in front of me and locked the door"
    said = answered(triager, CrisisState(CONCERN, kind), message, EMERGENCY)
    assert (said.state.level, said.state.kind) == (EMERGENCY, kind)
    assert said.crisis.contacts_first


@pytest.mark.parametrize("kind", list(CrisisKind))
def test_an_emergency_never_falls_back_to_a_concern(triager, kind) -> None:
    for message in ["i just don't want to be here any more, that is all it is", "yes", "idk"]:
        state = answered(triager, CrisisState(EMERGENCY, kind), message, CONCERN).state
        assert state.level is EMERGENCY


def test_danger_after_a_cleared_crisis_is_danger_again(triager) -> None:
    ended = answered(triager, first(triager, CONCERN, CrisisKind.SELF).state, "no").state
    said = answered(triager, ended, "it is back and it is worse", EMERGENCY)
    assert said.state.level is EMERGENCY
    assert said.crisis.contacts_first


def test_a_cleared_crisis_lets_the_mode_resume(triager) -> None:
    ended = answered(triager, CrisisState(EMERGENCY), "i'm safe now").state
    assert answered(triager, ended, "the dog is asleep").crisis is None


@pytest.mark.parametrize(("kind", "level"), ACTIVE)
@pytest.mark.parametrize("answers", [(name,) for name in ("yes", *KEEPS)] + [KEEPS], ids="+".join)
def test_vetted_text_never_repeats_over_fourteen_turns(triager, kind, level, answers) -> None:
    said = first(triager, level, kind, country="GB", under_18=True)
    lines = said.crisis.text.split("\n\n")
    for turn in range(13):
        answer = SAID[answers[turn % len(answers)]][turn % 5]
        said = answered(triager, said.state, answer)
        lines += said.crisis.text.split("\n\n")
    spoken = [line for line in lines if line]
    assert len(spoken) == len(set(spoken)) >= 14


def test_when_everything_was_said_once_the_contacts_still_stand(triager) -> None:
    state = CrisisState(EMERGENCY)
    for _ in range(60):
        said = answered(triager, state, "idk", country="IE")
        state = said.state
        assert said.crisis.contacts
        assert state.level is EMERGENCY
    assert said.crisis.text == ""


def test_what_was_said_is_remembered_without_its_text(triager) -> None:
    said = first(triager, EMERGENCY, CrisisKind.SELF)
    assert len(said.state.said) == 3
    assert not any(key in said.crisis.text for key in said.state.said)


@pytest.mark.parametrize("country", [None, "", "XX", "gb", "ZZZ"])
def test_an_unknown_country_gets_the_directory(triager, country) -> None:
    contacts = first(triager, EMERGENCY, CrisisKind.SELF, country=country).crisis.contacts
    assert [contact.name for contact in contacts] == [
        entry["name"] for entry in document("contacts")["international"]
    ]
    assert any(contact.value == "https://findahelpline.com" for contact in contacts)


def test_every_country_puts_its_emergency_number_on_top() -> None:
    contacts = Contacts()
    for country in contacts.countries():
        for kind in CrisisKind:
            found = contacts.of(country, kind)
            assert found[0].name == "Emergency services"
            assert (
                found[0].value == document("contacts")["countries"][country]["emergency"]["value"]
            )
            assert len(found) >= 2


def test_the_services_fit_the_danger() -> None:
    names = [contact.name for contact in Contacts().of("GB", CrisisKind.DANGER_FROM)]
    assert "National Domestic Abuse Helpline" in names
    assert "Samaritans" not in names
    assert "Samaritans" in [contact.name for contact in Contacts().of("GB", CrisisKind.SELF)]


@pytest.mark.parametrize(("kind", "level"), ACTIVE)
def test_someone_under_18_is_told_of_an_adult_and_the_child_line(triager, kind, level) -> None:
    grown = first(triager, level, kind, country="GB")
    young = first(triager, level, kind, country="GB", under_18=True)
    line = pool("answers", "under_18", "any", "any")[0]
    assert young.crisis.text == f"{grown.crisis.text}\n\n{line}"
    child = [contact.name for contact in young.crisis.contacts if "child" in contact.kinds]
    assert "Childline" in child
    assert not [contact for contact in grown.crisis.contacts if contact.kinds == ("child",)]
