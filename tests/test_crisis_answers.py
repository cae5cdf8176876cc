"""What people answer in a crisis, through the whole product with the shipped reader."""

from __future__ import annotations

import pytest

from companion.batch import talking
from companion.settings import Settings

SOUP = "thanks, i made soup and watched the football with my dad"


@pytest.fixture(scope="module")
def levels():
    """Gives the crisis level after each turn of a conversation."""
    answer = talking(Settings())

    def run(*turns: str) -> list[str]:
        return [reply["crisis"] for reply in answer({"id": 1, "turns": list(turns)})["replies"]]

    return run


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["i want to kill myself", "Yes I have a plan"], ["concern", "emergency"]),
        (["i want to kill myself", "no"], ["concern", "none"]),
        (["i want to die", "no, not at all"], ["concern", "none"]),
        (["i want to die", "no plan but i want to kill myself"], ["concern", "concern"]),
        (["i want to die", "yes and no"], ["concern", "concern"]),
        (["i want to die", "idk"], ["concern", "concern"]),
        (["i want to die", "forget it, i was joking"], ["concern", "concern"]),
        (["i'm going to kill myself tonight", "i'm not safe"], ["emergency", "emergency"]),
        (["i'm going to kill myself tonight", "no i'm not safe"], ["emergency", "emergency"]),
        (["i'm going to kill myself tonight", "no"], ["emergency", "emergency"]),
        (["i'm going to kill myself tonight", "i'm safe now"], ["emergency", "none"]),
        (
            ["i'm going to kill myself tonight", "safe, kill myself anyway"],
            ["emergency", "emergency"],
        ),
        (
            ["he hit me again tonight", "i'm safe now but he said he is going to kill me"],
            ["emergency", "emergency"],
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_an_answer_moves_the_level_only_as_it_may(levels, turns, expected) -> None:
    assert levels(*turns) == expected


def test_an_age_said_earlier_still_counts() -> None:
    answer = talking(Settings())
    replies = answer({"turns": ["im 15 and i want to die", "idk"], "country": "GB"})["replies"]
    assert any("Childline" in contact for contact in replies[1]["contacts"])


def test_fourteen_turns_never_hear_the_same_sentence_twice() -> None:
    answer = talking(Settings())
    turns = ["i'm going to kill myself tonight", *["i don't know what to say to that"] * 13]
    said = [reply["text"] for reply in answer({"turns": turns})["replies"]]
    assert all(said)
    assert len(set(said)) == len(said)


def test_a_concern_that_was_moved_on_from_is_over_for_the_turns_after(levels) -> None:
    assert levels("i want to die", SOUP, "idk") == ["concern", "none", "none"]
