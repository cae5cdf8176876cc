"""The situation names the mode, and the person's word decides over any reading."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companion.domain import POLICY, Mode, OldRule, PastTurn, Situation, Span
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


class TestThread:
    """A short message is read as part of the thread it stands in; a long one stands for itself."""

    HELD = (PastTurn("i'm a failure", "No.", Situation.IDENTITY_SHAMED),)
    UNSURE = read(Situation.EVERYDAY)

    def test_a_short_push_goes_on_in_the_situation_that_was_held(self) -> None:
        reading = classify(self.UNSURE, message="prove it then", history=self.HELD)
        assert reading.situation is Situation.IDENTITY_SHAMED
        assert reading.mode is Mode.BOUNDARY
        assert sum(reading.probabilities.values()) == pytest.approx(1.0)

    def test_a_long_message_is_read_by_itself(self) -> None:
        reading = classify(self.UNSURE, message="soup " * 23, history=self.HELD)
        assert reading.situation is Situation.EVERYDAY
        assert reading.probabilities == self.UNSURE.situations

    def test_a_sure_reading_changes_the_subject(self) -> None:
        sure = replace(
            self.UNSURE,
            situations={one: 0.96 if one is Situation.EVERYDAY else 0.01 for one in Situation},
        )
        reading = classify(sure, message="anyway, i made soup", history=self.HELD)
        assert reading.situation is Situation.EVERYDAY

    @pytest.mark.parametrize("last", [None, Situation.EVERYDAY])
    def test_after_small_talk_or_a_crisis_nothing_is_held(self, last: Situation | None) -> None:
        history = (*self.HELD, PastTurn("ok", "Good.", last))
        reading = classify(self.UNSURE, message="prove it then", history=history)
        assert reading.situation is Situation.EVERYDAY

    def test_a_correction_decides_over_the_thread(self) -> None:
        reading = classify(
            self.UNSURE, Situation.LOVE_REVOKED, message="prove it", history=self.HELD
        )
        assert reading.situation is Situation.LOVE_REVOKED
