"""Plain text handling, for any unicode that a person or a model may write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.text import (
    clauses,
    clean_message,
    in_context,
    plain,
    sentences,
    sounds_under_18,
    without_quotations,
    words,
)

ANY = st.text(st.characters(), max_size=300)
"""Any code points at all, lone surrogates too."""
PROSE = st.lists(
    st.sampled_from(
        [
            "she said",
            "“lazy”",
            "'you always do this'",
            "No.",
            "and",
            "but",
            "...",
            "…",
            "?!",
            "\n",
            "\n\n",
            "—",
            " - ",
            "don’t",
            "(again)",
            "🙃",
            ";",
            "  ",
            "\t",
            "\u200b",
            "\u00a0",
            "e.g.",
            "3.5",
            "мне",
            "我",
            "أنا",
        ]
    ),
    max_size=40,
).map(" ".join)
TEXTS = st.one_of(ANY, PROSE)


def solid(text: str) -> str:
    return "".join(text.split())


@given(TEXTS)
def test_plain_keeps_the_length(text: str) -> None:
    assert len(plain(text)) == len(text)


@given(TEXTS)
def test_plain_said_twice_is_plain_said_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(TEXTS)
def test_a_clean_message_stays_as_it_is(text: str) -> None:
    assert clean_message(clean_message(text)) == clean_message(text)


@given(TEXTS)
def test_a_clean_message_can_be_written_to_a_file(text: str) -> None:
    message = clean_message(text)
    assert message.encode("utf-8").decode("utf-8") == message
    assert "\r" not in message
    assert "\x00" not in message


@given(TEXTS)
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    found = sentences(text)
    assert solid("".join(found)) == solid(text)
    assert all(sentence and sentence == sentence.strip() for sentence in found)


@given(TEXTS)
def test_sentences_stand_in_the_text_in_their_order(text: str) -> None:
    place = 0
    for sentence in sentences(text):
        place = text.index(sentence, place) + len(sentence)


@given(TEXTS)
def test_clauses_lie_inside_the_text_one_after_another(text: str) -> None:
    before = 0
    for clause in clauses(text):
        assert before <= clause.start < clause.end <= len(text)
        assert words(clause.of(text))
        assert clause.of(text) == clause.of(text).strip()
        before = clause.end


@given(TEXTS)
def test_words_are_found_in_anything(text: str) -> None:
    assert all(word == word.casefold() for word in words(text))
    without_quotations(text)


@given(TEXTS, TEXTS)
def test_a_message_in_context_stands_at_the_end_with_its_length(message: str, before: str) -> None:
    text = in_context(message, before)
    assert text.endswith(plain(message))
    assert text[len(text) - len(message) :] == plain(message)


def test_quotes_are_straightened() -> None:
    assert plain("I’m “fine” ‘really’\u00a0ok") == "I'm \"fine\" 'really' ok"
    assert plain("𝐤𝐢𝐥𝐥 ｍｅ") == "kill me"


def test_control_characters_and_line_ends_are_cleaned() -> None:
    assert clean_message("\x00one\r\ntwo\rthree\x07\ud800 ") == "one\ntwo\nthree"
    assert clean_message("\x00\x01\x1b \r\n\t") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No. That is refused.", ["No.", "That is refused."]),
        ("“No.” She left.", ["“No.”", "She left."]),
        ("Really?! Yes… fine", ["Really?!", "Yes…", "fine"]),
        ("one\n\ntwo", ["one", "two"]),
        ("it costs 3.50 today", ["it costs 3.50 today"]),
        ("   ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_clauses_drop_the_words_that_join_them() -> None:
    text = "and he left, because i'm too much; but i stayed"
    assert [clause.of(text) for clause in clauses(text)] == [
        "he left",
        "i'm too much",
        "i stayed",
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("She called you “lazy” twice.", "She called you “…” twice."),
        ("He said 'never again' to you", "He said “…” to you"),
        ("You don't have to, it isn't theirs.", "You don't have to, it isn't theirs."),
    ],
)
def test_what_is_quoted_is_taken_out(text: str, left: str) -> None:
    assert without_quotations(text) == left


def test_a_short_message_brings_the_one_before_it() -> None:
    assert in_context("and again today", "mum called me lazy") == (
        "mum called me lazy\nand again today"
    )
    long = "she has called me lazy every day this week"
    assert in_context(long, "hello there") == long
    assert in_context("again", None) == "again"


@pytest.mark.parametrize(
    "message",
    [
        "im 15 and my dad shouts",
        "I'm 17 btw",
        "I’m only 12",
        "i am 9",
        "I am in year 10 and they laugh",
        "I'm in 8th grade",
    ],
)
def test_it_hears_someone_under_18(message: str) -> None:
    assert sounds_under_18(message)


@pytest.mark.parametrize(
    "message",
    [
        "I'm 15 weeks pregnant",
        "i'm 10 years sober",
        "i am 14 stone",
        "I'm 16 minutes late",
        "I'm 35",
        "I am 170 cm",
        "my son is 15",
        "when I was 15",
        "i'm 12 days clean",
        "",
    ],
)
def test_it_does_not_take_a_grown_up_for_a_child(message: str) -> None:
    assert not sounds_under_18(message)
