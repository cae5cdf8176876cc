"""Details: a wording's cue is found in a message in whatever form it stands there."""

from __future__ import annotations

import pytest

from companion.voice.details import Details, cue, stem


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("laugh", ["laughs", "laughed", "laughing"]),
        ("baby", ["babies", "baby's"]),
        ("cry", ["crying", "cries"]),
        ("stop", ["stopped", "stopping", "stops"]),
        ("move", ["moved", "moving", "moves"]),
        ("mum", ["mum’s", "mums"]),
    ],
)
def test_forms_of_a_word_are_one(word: str, forms: list[str]) -> None:
    for form in forms:
        assert Details(f"and then {form} again").holds(cue(word)), form


@pytest.mark.parametrize(
    ("one", "other"),
    [("business", "busy"), ("university", "universe"), ("thing", "the"), ("bed", "be")],
)
def test_other_words_stay_other_words(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_a_phrase_is_found_only_as_a_phrase() -> None:
    phrase = cue("group chat")
    assert Details("they have a Group Chat without me").holds(phrase)
    assert not Details("a chat with the group").holds(phrase)


def test_those_told_are_given_and_no_others() -> None:
    cues = frozenset(map(cue, ("phone", "night", "day off")))
    told = Details("my day off and his phones rang").told(cues)
    assert told == {cue("phone"), cue("day off")}
