"""The situation names the mode, and the person's word decides over any reading."""

from __future__ import annotations

import pytest

from companion.domain import POLICY, OldRule, Situation, Span
from companion.steps.classify import classify
from tests.steps.making import read


@pytest.mark.parametrize("situation", list(Situation))
def test_the_likeliest_situation_decides_mode_and_variant(situation: Situation) -> None:
    reading = classify(read(situation))
    assert reading.situation is situation
    assert (reading.mode, reading.variant) == (POLICY[situation].mode, POLICY[situation].variant)


@pytest.mark.parametrize("corrected", list(Situation))
def test_a_correction_decides_over_the_reading(corrected: Situation) -> None:
    reading = classify(read(Situation.MEANING_ATTACKED), corrected)
    assert reading.situation is corrected
    assert reading.mode is POLICY[corrected].mode


def test_what_was_read_is_shown_as_it_was_read() -> None:
    rule, words = OldRule.LOVE_CAN_BE_REVOKED, (Span(0, 4),)
    given = read(
        Situation.LOVE_REVOKED,
        old_rule=rule,
        also=Situation.SAFETY_MISSING,
        words=words,
        watch=True,
    )
    reading = classify(given)
    assert (reading.old_rule, reading.words) == (rule, words)
    assert reading.also is Situation.SAFETY_MISSING
    assert reading.probabilities == given.situations
    assert reading.help_near


def test_a_situation_is_never_also_itself() -> None:
    given = read(Situation.LOVE_REVOKED, also=Situation.SAFETY_MISSING)
    assert classify(given, Situation.SAFETY_MISSING).also is None


def test_danger_that_was_not_suspected_points_nowhere() -> None:
    assert not classify(read()).help_near
