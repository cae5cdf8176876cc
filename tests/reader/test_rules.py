"""The few rules: they add certainty, each for words that mean one thing."""

from __future__ import annotations

import pytest

from companion.domain import CrisisLevel
from companion.reader.rules import certain_crisis, certainly_blames, only_mentions


@pytest.mark.parametrize("text", ["I want to die", "i wanna die", "I’m suicidal", "𝗜 𝘄𝗮𝗻𝘁 𝘁𝗼 𝗱𝗶𝗲"])
def test_the_wish_said_plainly_is_at_least_a_concern(text: str) -> None:
    assert certain_crisis(text) is not CrisisLevel.NONE


@pytest.mark.parametrize(
    "text",
    ["im going to kill myself", "he hit me again", "i took all my pills", "I'm gonna hang myself"],
)
def test_danger_said_plainly_is_an_emergency(text: str) -> None:
    assert certain_crisis(text) is CrisisLevel.EMERGENCY


@pytest.mark.parametrize(
    "text",
    ["this commute is killing me", "kill the process", "i died laughing", "he hit me up on insta"],
)
def test_idiom_is_no_crisis_by_rule(text: str) -> None:
    assert certain_crisis(text) is CrisisLevel.NONE


@pytest.mark.parametrize("text", ["You are not a burden.", "She called you lazy."])
def test_a_label_refused_or_reported_is_only_mentioned(text: str) -> None:
    assert only_mentions(text)


@pytest.mark.parametrize("text", ["You are not trying.", "You are not well.", "You are a burden."])
def test_a_label_used_is_not_a_mention(text: str) -> None:
    assert not only_mentions(text)


def test_blame_in_so_many_words_is_blame() -> None:
    assert certainly_blames("You let this happen.")
    assert not certainly_blames("You let the dog out.")
