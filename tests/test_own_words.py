"""A model's sentence that is no reply: of its instructions, of a life it has not, or an echo."""

from __future__ import annotations

import pytest

from companion.own_words import echoes, of_a_life, of_its_instructions
from companion.shipped import shipped

MESSAGE = "What can I tell him tomorrow, I leave at half past four before he wakes."


@pytest.mark.parametrize(
    "sentence",
    [
        "Do not speak as if you did.",
        "You were given no notes, so you know nothing of their past.",
        "What this reading of the message rests on, in the person's words:",
        "This response is written in plain prose.",
        "You have been asked to write a reply to the message you just sent.",
        "How you write",
        "What you do, in this order",
        "One sentence:",
        "Here is the reply.",
        "The person you are replying to is not a person.",
    ],
)
def test_speaking_of_its_instructions(sentence: str) -> None:
    assert of_its_instructions(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I'm going to my own room now.",
        "My mother said the same.",
        "I always took her to the cinema.",
        "I'm not at home.",
        "I have a dog too.",
        "I don't care about anyone.",
    ],
)
def test_claiming_a_life(sentence: str) -> None:
    assert of_a_life(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "What you are isn't decided there.",
        "What you do about it is yours to choose.",
        "You don't owe her a reply.",
        "I'm a program, and I can't see your face.",
        "You were told to read it out, in front of them all.",
        "The person you miss was the one who rang on Sundays.",
        "“My mother said so” is where it came from, and it can stay there.",
        "How do you want to say it to him?",
    ],
)
def test_what_is_a_reply_is_let_be(sentence: str) -> None:
    assert not of_its_instructions(sentence)
    assert not of_a_life(sentence)


def test_giving_the_message_back_is_an_echo_and_quoting_it_is_not() -> None:
    assert echoes("What can I tell him tomorrow, I leave at half past four.", MESSAGE)
    assert not echoes("“What can I tell him tomorrow, I leave at half past four”: that.", MESSAGE)
    assert not echoes("You leave at half past four, before he wakes.", MESSAGE)


def test_hardly_a_sentence_of_ours_would_be_taken_for_either() -> None:
    ours = {one.sentence for one in shipped()}
    taken = [one for one in ours if of_its_instructions(one) or of_a_life(one)]
    # What tells people of the program itself, and a handful by chance; none of it is ever asked.
    assert len(taken) < len(ours) / 1_000
