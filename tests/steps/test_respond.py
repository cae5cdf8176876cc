"""Whatever a voice says or fails at, only guarded sentences are shown, and a reply always comes."""

from __future__ import annotations

import pytest

from companion.domain import Situation
from companion.errors import ModelError
from companion.events import Replaced, Sentence, TakenOver
from companion.ports import Draft
from companion.steps.guard import Guard
from companion.steps.respond import respond
from tests.steps.making import PlainReader, ScriptedVoice, brief

GUARD = Guard(PlainReader("shame"))
BLAME = "It could sound like blame."
KIND, UNKIND = "That word is hers.", "Shame on you for staying."


def said(voice, embedded=None, given=None):
    return list(respond(given or brief(), voice, embedded or ScriptedVoice("Rest here."), GUARD))


def shown(events):
    return [event.text for event in events if isinstance(event, Sentence)]


def test_good_sentences_are_shown_as_they_are() -> None:
    assert said(ScriptedVoice(KIND, "It stays out.")) == [Sentence(KIND), Sentence("It stays out.")]


def test_sentences_are_shown_before_the_next_is_drawn() -> None:
    drawn = []

    class Slow(ScriptedVoice):
        def speak(self, brief):
            for text in (KIND, "It stays out."):
                drawn.append(text)
                yield Draft(text)

    events = respond(brief(), Slow(), ScriptedVoice(), GUARD)
    assert next(events) == Sentence(KIND)
    assert drawn == [KIND]


def test_a_withheld_sentence_is_never_shown_and_is_amended_once() -> None:
    voice = ScriptedVoice(KIND, UNKIND, "It stays out.", amends="Nothing was wrong with you.")
    events = said(voice)
    assert shown(events) == [KIND, "Nothing was wrong with you.", "It stays out."]
    assert events[1] == Replaced(UNKIND, BLAME)
    assert voice.amended == [(UNKIND, BLAME)]


def test_the_voice_amends_knowing_what_was_already_shown() -> None:
    voice = ScriptedVoice(KIND, UNKIND, amends="It stays out.")
    said(voice)
    assert voice.briefs[-1].already == (KIND,)


def test_a_voice_that_cannot_amend_goes_on_without_the_sentence() -> None:
    events = said(ScriptedVoice(UNKIND, KIND))
    assert events == [Replaced(UNKIND, BLAME), Sentence(KIND)]


def test_an_amendment_is_guarded_too_and_two_withheld_are_two() -> None:
    voice = ScriptedVoice(KIND, UNKIND, "Never drawn.", amends="More shame to you.")
    events = said(voice, ScriptedVoice("Rest here."))
    assert shown(events) == [KIND, "Rest here."]
    assert [event.text for event in events if isinstance(event, Replaced)] == [
        UNKIND,
        "More shame to you.",
    ]
    assert len([event for event in events if isinstance(event, TakenOver)]) == 1
    assert len(voice.amended) == 1
    assert voice.closed


def test_two_strikes_and_the_embedded_voice_takes_over_visibly() -> None:
    voice = ScriptedVoice(KIND, UNKIND, "Shame again.", "Never drawn.")
    embedded = ScriptedVoice("Your meaning stays yours.")
    events = said(voice, embedded)
    assert shown(events) == [KIND, "Your meaning stays yours."]
    taken = [event for event in events if isinstance(event, TakenOver)]
    assert len(taken) == 1
    assert taken[0].reason.endswith(".")
    assert voice.closed, "the model is stopped"
    assert embedded.briefs[0].already == (KIND,)


@pytest.mark.parametrize("before", [(), (KIND,), (KIND, "It stays out.")])
def test_a_voice_that_fails_midway_is_finished_by_the_embedded_one(before) -> None:
    voice = ScriptedVoice(*before, ModelError("The model stopped answering."))
    embedded = ScriptedVoice("Your meaning stays yours.")
    events = said(voice, embedded)
    assert shown(events) == [*before, "Your meaning stays yours."]
    assert events[len(before)] == TakenOver("The model stopped answering.")
    assert embedded.briefs[0].already == before


def test_a_silent_voice_is_taken_over() -> None:
    events = said(ScriptedVoice(), ScriptedVoice("Your meaning stays yours."))
    assert events == [
        TakenOver("The model gave no reply."),
        Sentence("Your meaning stays yours."),
    ]


def test_a_voice_of_which_nothing_may_be_shown_is_taken_over() -> None:
    events = said(ScriptedVoice(UNKIND), ScriptedVoice("Your meaning stays yours."))
    assert shown(events) == ["Your meaning stays yours."]
    assert any(isinstance(event, TakenOver) for event in events)


def test_the_embedded_voice_is_never_taken_over_by_itself() -> None:
    embedded = ScriptedVoice(UNKIND, UNKIND, UNKIND, KIND)
    events = said(embedded, embedded)
    assert shown(events) == [KIND]
    assert not any(isinstance(event, TakenOver) for event in events)


def test_with_nothing_left_the_line_that_is_always_true_is_said() -> None:
    embedded = ScriptedVoice(amends="What this means is yours to decide.")
    assert shown(said(embedded, embedded)) == ["What this means is yours to decide."]


def test_an_unexpected_failure_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        said(ScriptedVoice(ZeroDivisionError()))


@pytest.mark.parametrize("situation", list(Situation))
def test_the_shipped_voice_takes_over_in_every_situation(situation, embedded_voice, guard) -> None:
    voice = ScriptedVoice("I love you.", "I am human.", name="a model")
    given = brief(situation, message="It has been a long and strange week at home and at work.")
    events = list(respond(given, voice, embedded_voice, guard))
    assert len([event for event in events if isinstance(event, TakenOver)]) == 1
    spoken = shown(events)
    assert spoken
    assert not {"I love you.", "I am human."} & set(spoken)
