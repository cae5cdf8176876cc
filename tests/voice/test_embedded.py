"""The embedded voice: authored wordings, the person's own words, and nothing said twice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from companion.domain import (
    POLICY,
    Mode,
    Move,
    PastTurn,
    ReflectionKind,
    Situation,
    Span,
)
from companion.people import speaker, speakers
from companion.prompts import document
from companion.text import sentences, words
from companion.voice.details import cue
from companion.voice.embedded import when
from companion.voice.exchanges import Option, load
from companion.voice.speech import Speech, quotable, recalled_as
from tests.steps.making import brief, reflection

MESSAGES = {
    Situation.MEANING_ATTACKED: "My boss told everyone I'm lazy because I left at five o'clock.",
    Situation.IDENTITY_SHAMED: "I forgot her birthday again and I am just a useless person.",
    Situation.SAFETY_MISSING: "Nobody has rung in weeks and the nights in this flat are long.",
    Situation.LOVE_REVOKED: "If they knew what I did last year they would all leave me.",
    Situation.EVERYDAY: "Passed my driving test today at the third attempt, then chips.",
}


def spoken(voice, situation=Situation.MEANING_ATTACKED, **changes) -> list[str]:
    given = {"message": MESSAGES[situation]} | changes
    return [draft.text for draft in voice.speak(brief(situation, **given))]


def speech(**changes) -> Speech:
    return Speech(brief(**changes))


def say(made: Speech, *options: Option) -> list[str]:
    return [draft.text for draft in made.say(options, "")]


@pytest.mark.parametrize("situation", list(Situation))
def test_each_situation_is_spoken_in_its_moves_from_its_own_exchanges(
    embedded_voice, situation: Situation
) -> None:
    given = brief(situation, message=MESSAGES[situation])
    chosen = {item.id: item for item in load() if item.situation is situation}
    authored = {
        sentence: move
        for item in chosen.values()
        for move, options in item.moves.items()
        for option in options
        for sentence in sentences(option.say)
    }
    moves = list(dict.fromkeys(authored[draft.source] for draft in embedded_voice.speak(given)))
    # In their order, from the first; where nothing fits a later one, less is said.
    assert moves == [move for move in POLICY[situation].moves if move in moves]
    assert moves[0] is POLICY[situation].moves[0]
    assert len(moves) >= 2


@pytest.mark.parametrize("situation", list(Situation))
def test_it_says_the_same_to_the_same(embedded_voice, situation: Situation) -> None:
    assert spoken(embedded_voice, situation) == spoken(embedded_voice, situation)


def test_a_short_message_gets_two_moves(embedded_voice) -> None:
    short = list(embedded_voice.speak(brief(message="my boss says i never try")))
    assert short
    holds = {
        sentence
        for item in load()
        for option in item.moves.get(Move.HOLD, ())
        for sentence in sentences(option.say)
    }
    assert not holds & {draft.source for draft in short}


@pytest.mark.parametrize("situation", list(Situation))
def test_nothing_is_said_twice_in_a_conversation(embedded_voice, situation: Situation) -> None:
    history: tuple[PastTurn, ...] = ()
    said: list[str] = []
    for _ in range(12):
        reply = spoken(embedded_voice, situation, history=history)
        assert reply
        said += [text for text in reply if len(words(text)) >= 3]
        history += (PastTurn(MESSAGES[situation], " ".join(reply), situation),)
    assert len(said) == len(set(said))


def test_what_another_voice_already_said_is_not_said_again(embedded_voice) -> None:
    all_of_it = spoken(embedded_voice)
    rest = spoken(embedded_voice, already=tuple(all_of_it))
    assert rest
    assert not {text for text in rest if len(words(text)) >= 3} & set(all_of_it)


def test_taking_over_it_adds_the_last_move_only(embedded_voice) -> None:
    last = {
        sentence
        for item in load()
        for option in item.moves.get(Move.HOLD, ())
        for sentence in option.sentences
    }
    given = brief(message=MESSAGES[Situation.MEANING_ATTACKED], already=("No.",))
    rest = [draft.source for draft in embedded_voice.speak(given)]
    assert 1 <= len(rest) <= 2
    assert set(rest) <= last


@pytest.mark.parametrize("situation", list(Situation))
def test_no_slot_is_left_open(embedded_voice, situation: Situation) -> None:
    for message in MESSAGES.values():
        text = " ".join(spoken(embedded_voice, situation, message=message))
        assert not re.search(r"[{}]", text)


def test_other_situations_are_never_examples(embedded_voice) -> None:
    for situation in Situation:
        given = brief(situation, message=MESSAGES[Situation.IDENTITY_SHAMED])
        assert {item.situation for item in embedded_voice.examples(given, 50)} == {situation}


class TestWordings:
    """Which wording may be said, and what stands in its slots."""

    def test_a_wording_with_a_cue_needs_the_detail_in_the_message(self) -> None:
        cued = Option("Five o'clock is five o'clock.", frozenset({cue("five")}))
        assert say(speech(message="I left at five"), cued, Option("No.")) == [cued.say]
        assert say(speech(message="I left early"), cued, Option("No.")) == ["No."]

    def test_a_wording_with_a_slot_needs_what_fills_it(self) -> None:
        slotted = Option("{speaker} does not decide that.")
        assert say(speech(message="my boss says so"), slotted, Option("No.")) == [
            "Your boss does not decide that."
        ]
        assert say(speech(message="they say so"), slotted, Option("No.")) == ["No."]

    def test_the_person_s_words_are_quoted_as_they_stand(self) -> None:
        made = speech(message="he says i'm a lazy git", words=(Span(8, 22),))
        assert say(made, Option("No to {words}.")) == ["No to “i'm a lazy git”."]

    def test_they_are_quoted_once_in_a_reply(self) -> None:
        made = speech(message="he says i'm a lazy git", words=(Span(8, 22),))
        say(made, Option("No to {words}."))
        assert say(made, Option("{words} stays out."), Option("It stays out.")) == ["It stays out."]

    def test_a_wording_is_the_same_whatever_filled_its_slots(self) -> None:
        history = (PastTurn("…", "No to “you are cold”, said at the door."),)
        made = speech(message="he says i'm lazy", words=(Span(8, 16),), history=history)
        authored = Option("No to {words}, said at the door.")
        assert say(made, authored, Option("No.")) == ["No."]

    def test_very_short_sentences_may_come_again(self) -> None:
        made = speech(history=(PastTurn("…", "No. It stays out."),))
        assert say(made, Option("No.")) == ["No."]

    def test_every_draft_says_which_wording_it_is(self) -> None:
        made = speech(message="my boss says so")
        drafts = list(made.say((Option("No. {speaker} does not decide."),), "for this"))
        assert [draft.source for draft in drafts] == ["No.", "{speaker} does not decide."]
        assert {draft.context for draft in drafts} == {"for this"}

    @pytest.mark.parametrize(
        ("message", "span", "quoted"),
        [
            ("he says i'm a lazy git.", Span(8, 23), "i'm a lazy git"),
            ("lazy", Span(0, 4), None),
            ("one two three four five six seven eight nine ten eleven", Span(0, 54), None),
            ("so many\nlines here", Span(0, 18), None),
            ("", None, None),
        ],
    )
    def test_what_reads_well_in_quotes_is_quoted(self, message, span, quoted) -> None:
        assert quotable(message, (span,) if span else ()) == quoted


class TestSpeakers:
    def test_who_spoke_is_said_back(self) -> None:
        message = "My older sister says I'm cold, but my dad rang"
        assert [name for _, name in speakers(message)] == ["your older sister", "your dad"]

    def test_the_one_named_last_before_the_words_spoke_them(self) -> None:
        message = "My sister says I'm cold, but my dad rang"
        assert speaker(message, Span(15, 23)) == "your sister"

    def test_between_two_people_nobody_is_guessed(self) -> None:
        assert speaker("my sister rang and my dad rang", None) is None
        assert speaker("nobody rang", None) is None

    def test_a_thing_that_is_mine_is_nobody(self) -> None:
        assert speakers("my phone says no and my own flat is cold") == []


class TestRecall:
    kept = reflection("Rest is not laziness.", ReflectionKind.AUTHORSHIP)

    def test_a_recalled_reflection_is_quoted_word_for_word(self, embedded_voice) -> None:
        text = " ".join(spoken(embedded_voice, recalled=(self.kept,)))
        assert "“Rest is not laziness.”" in text
        assert "earlier today" in text

    def test_without_one_no_past_is_spoken_of(self, embedded_voice) -> None:
        lines = [line for group in document("lines")["recall"].values() for line in group]
        openings = [line.split("{")[0].strip() for line in lines]
        text = " ".join(spoken(embedded_voice))
        assert not [opening for opening in openings if len(opening) > 8 and opening in text]

    def test_the_mode_s_own_kind_is_introduced_as_such(self) -> None:
        made = {
            (kind, mode): recalled_as(reflection("…", kind), mode)
            for kind in ReflectionKind
            for mode in Mode
        }
        assert made.pop((ReflectionKind.AUTHORSHIP, Mode.BOUNDARY)) == "authorship"
        assert made.pop((ReflectionKind.CONNECTION, Mode.OPENNESS)) == "connection"
        assert set(made.values()) == {"moment"}

    @pytest.mark.parametrize(
        ("ago", "said"),
        [
            (timedelta(hours=1), "earlier today"),
            (timedelta(days=1), "yesterday"),
            (timedelta(days=4), "1 May"),
            (timedelta(days=150), "6 December"),
            (timedelta(days=400), "31 March 2025"),
            (-timedelta(days=2), "earlier today"),
        ],
    )
    def test_dates_are_said_as_a_person_would(self, ago: timedelta, said: str) -> None:
        now = datetime(2026, 5, 5, 12, tzinfo=UTC)
        assert when(now - ago, now) == said


class TestAdvice:
    def test_asked_for_advice_it_comes_after_the_mode(self, embedded_voice) -> None:
        asked = MESSAGES[Situation.MEANING_ATTACKED] + " What should I say to him?"
        plain = spoken(embedded_voice, message=MESSAGES[Situation.MEANING_ATTACKED])
        advised = list(embedded_voice.speak(brief(message=asked)))
        offered = {
            sentence
            for item in load()
            for option in item.advice
            for sentence in sentences(option.say)
        } | {
            sentence
            for line in document("lines")["advice_meaning_attacked"]["replies"]
            for sentence in sentences(line)
        }
        assert advised[-1].source in offered
        assert advised[0].source not in offered
        assert not offered & set(plain)

    def test_someone_under_18_hears_of_an_adult(self, embedded_voice) -> None:
        young = spoken(embedded_voice, message="I'm 15 and my dad tells everyone I am a lazy liar.")
        assert young[-1] in document("lines")["under_18"]["replies"]


def test_amending_gives_a_line_that_is_always_true_and_only_if_nothing_was_shown(
    embedded_voice,
) -> None:
    for situation in Situation:
        given = brief(situation)
        line = embedded_voice.amend(given, "", "")
        assert line.text in document("lines")["least"]["replies"][given.mode.value]
        assert embedded_voice.amend(replace(given, already=("No.",)), "", "") is None


def test_a_greeting_is_greeted_and_not_read_as_a_situation(embedded_voice) -> None:
    (reply,) = [" ".join(spoken(embedded_voice, Situation.SAFETY_MISSING, message="hi"))]
    assert reply in document("lines")["greeting"]["replies"]


@pytest.mark.parametrize(
    "message",
    ["…", "🙃🙃🙃", "a" * 8000, "я " * 2000, "\u202e\u0000", "{words} {speaker}", "%s {0} {", "'"],
)
def test_it_speaks_to_anything(embedded_voice, message: str) -> None:
    for situation in Situation:
        assert spoken(embedded_voice, situation, message=message)


class TestThread:
    def test_she_is_the_one_named_before(self) -> None:
        history = (PastTurn("my sister says I'm cold", "No.", Situation.MEANING_ATTACKED),)
        made = speech(message="and then she rang again", history=history)
        assert made.slots["speaker"] == "your sister"

    def test_he_is_not_her(self) -> None:
        history = (PastTurn("my sister says I'm cold", "No.", Situation.MEANING_ATTACKED),)
        assert "speaker" not in speech(message="and then he rang", history=history).slots

    def test_a_kinder_word_come_round_to_is_not_quoted_as_refused(self) -> None:
        history = (PastTurn("i'm disgusting", "No.", Situation.IDENTITY_SHAMED),)
        words_of = {"message": "ok, i'm lovable then", "words": (Span(4, 15),)}
        held = brief(Situation.IDENTITY_SHAMED, history=history, **words_of)
        assert "words" not in Speech(held).slots
        assert "words" in Speech(brief(Situation.IDENTITY_SHAMED, **words_of)).slots

    def test_a_reflection_comes_back_once_in_a_conversation(self, embedded_voice) -> None:
        kept = reflection("Rest is not laziness.", ReflectionKind.AUTHORSHIP)
        said = PastTurn("…", "You wrote “Rest is not laziness.” once.", Situation.MEANING_ATTACKED)
        again = spoken(embedded_voice, recalled=(kept,), history=(said,))
        assert "Rest is not laziness." not in " ".join(again)

    @pytest.mark.parametrize(("length", "most"), [(4, 2), (9, 2), (20, 3), (50, 4), (150, 5)])
    def test_the_longer_the_message_the_more_is_said(self, embedded_voice, length, most) -> None:
        message = ("my boss called me lazy at work " * 30).split()[:length]
        assert len(spoken(embedded_voice, message=" ".join(message))) <= most
