"""Recall is a gift: often none, the mode's own kind first, never a person who may have hurt."""

from __future__ import annotations

import pytest

from companion.domain import Mode, ReflectionKind, Situation
from companion.steps.recall import FLOOR, FLOOR_OF_OTHERS, MOST, PREFERRED, people_in, recall
from tests.steps.making import candidate

AUTHORSHIP, CONNECTION = ReflectionKind.AUTHORSHIP, ReflectionKind.CONNECTION
SAID = "They said I was lazy again today at work."
LONELY = "There is nobody here tonight and it is so quiet."


def texts(message, situation, mode, *candidates):
    return [kept.text for kept in recall(message, situation, mode, candidates)]


def boundary(*candidates, message=SAID):
    return texts(message, Situation.MEANING_ATTACKED, Mode.BOUNDARY, *candidates)


def openness(*candidates, message=LONELY):
    return texts(message, Situation.SAFETY_MISSING, Mode.OPENNESS, *candidates)


def test_nothing_kept_is_nothing_recalled() -> None:
    assert boundary() == []


def test_below_the_floor_nothing_bears_on_the_message_whatever_its_rank() -> None:
    low = candidate("Rest is mine.", AUTHORSHIP, similarity=FLOOR - 0.01, score=9.0)
    assert boundary(low) == []


def test_at_the_floor_it_bears() -> None:
    kept = candidate("Rest is mine.", AUTHORSHIP, similarity=FLOOR, score=-3.0)
    assert boundary(kept) == ["Rest is mine."]


def test_another_kind_than_the_mode_s_own_has_to_be_nearer() -> None:
    near, nearer = FLOOR_OF_OTHERS - 0.01, FLOOR_OF_OTHERS
    assert boundary(candidate("The sea was flat.", similarity=near)) == []
    assert boundary(candidate("The sea was flat.", similarity=nearer)) == ["The sea was flat."]
    assert openness(candidate("Rest is mine.", AUTHORSHIP, similarity=near)) == []


def test_the_best_come_first_and_few() -> None:
    found = [candidate(f"note {n}", score=float(n)) for n in range(5)]
    assert boundary(*found) == ["note 4", "note 3"]
    assert MOST == 2


def test_boundary_recalls_authorship_first() -> None:
    held = candidate("The sea held me.", CONNECTION, score=1.0 + PREFERRED - 0.01)
    decided = candidate("I decide what rest means.", AUTHORSHIP, score=1.0)
    assert boundary(held, decided)[0] == "I decide what rest means."


def test_openness_recalls_connection_first() -> None:
    decided = candidate("I decide what rest means.", AUTHORSHIP, score=1.0 + PREFERRED - 0.01)
    held = candidate("The sea held me.", CONNECTION, score=1.0)
    assert openness(decided, held)[0] == "The sea held me."


def test_a_preference_does_not_beat_a_much_better_fit() -> None:
    held = candidate("The sea held me.", CONNECTION, score=1.0 + PREFERRED + 0.01)
    decided = candidate("I decide what rest means.", AUTHORSHIP, score=1.0)
    assert boundary(held, decided)[0] == "The sea held me."


def test_everyday_company_recalls_nothing() -> None:
    kept = candidate("The sea held me.", CONNECTION, similarity=0.99)
    assert texts("What a good day.", Situation.EVERYDAY, Mode.OPENNESS, kept) == []


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("my mum says i only ring for money", "My mum sat up with me all night."),
        ("Sam told everyone what i said", "Sam drove two hours to sit with me."),
        ("i lost my gran in march", "Gran rubbed my back till I slept."),
        ("sam isnt answering", "Last winter Sam came over with soup."),
        ("dad died and the house is quiet", "Dad waited at the station in the rain."),
    ],
)
@pytest.mark.parametrize(
    ("situation", "mode"),
    [(Situation.SAFETY_MISSING, Mode.OPENNESS), (Situation.MEANING_ATTACKED, Mode.BOUNDARY)],
)
def test_someone_the_message_speaks_of_is_not_brought_back_as_comfort(
    message: str, kept: str, situation: Situation, mode: Mode
) -> None:
    assert texts(message, situation, mode, candidate(kept, CONNECTION, similarity=0.9)) == []


def test_someone_else_may_come_as_comfort() -> None:
    kept = candidate("Sam drove two hours to sit with me.", CONNECTION)
    assert openness(kept, message="my mum says i only ring for money")


def test_a_no_to_someone_is_recalled_when_they_press_again() -> None:
    kept = candidate("I told mum no, and I am still her daughter.", AUTHORSHIP)
    assert boundary(kept, message="my mum says i'm selfish again")


def test_people_are_found_by_relation_and_by_name() -> None:
    assert people_in("My sister and Dele came, on Sunday.") == {"sister", "dele"}
    assert people_in("Sam sat with me.") == {"sam"}
    assert people_in("The heron stood in the river.") == frozenset()
