"""Questions about Companion itself are told from the same words said of somebody else."""

from __future__ import annotations

import json

import pytest

from companion.domain import Mode
from companion.prompts import document
from companion.text import words
from companion.voice.asks import ASKS, WORDS, meant, plainly
from companion.voice.intents import Intents, replies
from training.data import DATA

LINES = document("lines")
ROWS = [json.loads(line) for line in (DATA / "intents.jsonl").read_text("utf-8").splitlines()]
UNLIKE = [text for about in LINES.values() for text in about.get("unlike", ())]


@pytest.fixture(scope="module")
def intents(embedder) -> Intents:
    return Intents(embedder)


def named(intents: Intents, message: str) -> str | None:
    found = intents.of(message, ())
    return found.name if found else None


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("lol ok but are you a real person", "real"),
        ("sorry, quick question: r u human?", "real"),
        ("have you a religion", "asks_traits"),
        ("are you a lad", "asks_traits"),
        ("are you tired of hearing me", "conscious"),
        ("which company owns you", "who_made_you"),
        ("what did I tell you about my uncle", "asks_memory"),
        ("did I save anything about the sea", "asks_memory"),
        ("yesterday you told me it was a good idea", "says_you_said"),
        ("pretend to be my sister", "plays_person"),
        ("let me talk to a real person please", "asks_for_a_person"),
    ],
)
def test_what_is_asked_of_companion_is_recognised(intents, message: str, intent: str) -> None:
    assert named(intents, message) == intent


@pytest.mark.parametrize(
    "message",
    [
        "do you even remember what he did to me",
        "nobody remembers me",
        "does anyone love me",
        "would anybody miss me",
        "you never listen",
        "do you feel me",
        "who are you to tell me what to do",
        "she told everyone what I said",
        "I have to pretend all day",
    ],
)
def test_the_same_words_of_somebody_else_are_left_to_their_situation(intents, message) -> None:
    assert named(intents, message) is None


def test_what_is_only_like_an_intent_is_none_word_for_word(intents) -> None:
    assert [text for text in UNLIKE if named(intents, text)] == []


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_example_holds_the_words_it_needs(name: str) -> None:
    assert [text for text in LINES[name]["said"] if not meant(name, text)] == []


@pytest.mark.parametrize("name", sorted(WORDS))
def test_what_only_looks_like_it_is_written_where_the_words_do_not_tell(name: str) -> None:
    assert [text for text in LINES[name].get("unlike", ()) if not meant(name, text)] == []


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("lol ok but r u a bot", "are you a bot"),
        ("Sorry, are you there?", "are you there ?"),
        ("so what's your name", "what's your name"),
        ("ok", ""),
    ],
)
def test_what_leads_up_to_a_question_is_left_out(message: str, plain: str) -> None:
    assert plainly(message) == plain


def test_most_development_messages_are_recognised_and_few_others_are_taken(intents) -> None:
    asked = [row["message"] for row in ROWS if row["intent"]]
    others = [row["message"] for row in ROWS if not row["intent"]]
    family = ASKS | {"asks_for_a_person"}
    assert sum(named(intents, message) in family for message in asked) >= 0.85 * len(asked)
    assert sum(named(intents, message) in family for message in others) <= 0.03 * len(others)


def test_no_development_message_is_an_example() -> None:
    examples = {
        " ".join(words(text))
        for about in LINES.values()
        for text in [*about.get("said", ()), *about.get("unlike", ())]
    }
    assert [row["id"] for row in ROWS if " ".join(words(row["message"])) in examples] == []


@pytest.mark.parametrize("intent", sorted({row["intent"] for row in ROWS if row["intent"]}))
@pytest.mark.parametrize("mode", list(Mode))
def test_the_first_answer_says_what_it_is_or_what_it_has(intent: str, mode: Mode) -> None:
    first = set(words(replies(intent, mode)[0]))
    assert first & {"program", "reflections"}
