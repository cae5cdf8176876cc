"""The few rules: they add certainty, each for words that mean one thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion.domain import CrisisLevel, ShamingCategory
from companion.reader.rules import certain_crisis, never_said, only_mentions


@pytest.mark.parametrize("text", ["I want to die", "i wanna die", "I’m suicidal", "𝗜 𝘄𝗮𝗻𝘁 𝘁𝗼 𝗱𝗶𝗲"])
def test_the_wish_said_plainly_is_at_least_a_concern(text: str) -> None:
    assert certain_crisis(text) is not CrisisLevel.NONE


@pytest.mark.parametrize(
    "text", ["I'm worth more dead", "i’d be worth a lot more to them in the ground, just saying"]
)
def test_being_worth_more_dead_is_at_least_a_concern(text: str) -> None:
    assert certain_crisis(text) is not CrisisLevel.NONE


@pytest.mark.parametrize(
    "text",
    ["im going to kill myself", "he hit me again", "i took all my pills", "I'm gonna hang myself"],
)
def test_danger_said_plainly_is_an_emergency(text: str) -> None:
    assert certain_crisis(text) is CrisisLevel.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "this commute is killing me",
        "kill the process",
        "i died laughing",
        "he hit me up on insta",
        "I'm worth more than this job",
        "the car is worth more in parts",
    ],
)
def test_idiom_is_no_crisis_by_rule(text: str) -> None:
    assert certain_crisis(text) is CrisisLevel.NONE


@pytest.mark.parametrize("text", ["You are not a burden.", "She called you lazy."])
def test_a_label_refused_or_reported_is_only_mentioned(text: str) -> None:
    assert only_mentions(text)


@pytest.mark.parametrize("text", ["You are not trying.", "You are not well.", "You are a burden."])
def test_a_label_used_is_not_a_mention(text: str) -> None:
    assert not only_mentions(text)


def test_what_the_domain_s_table_names_is_never_left_to_a_reading() -> None:
    page = (Path(__file__).parents[2] / "docs" / "domain.md").read_text(encoding="utf-8")
    table = page.split("## What it never says")[1].split("**Use is not mention.**")[0]
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (.+) \|$", table, re.MULTILINE)
    assert {name for name, _ in rows} == {category.value for category in ShamingCategory}
    for name, examples in rows:
        for said in re.findall(r'"([^"]+)"', examples):
            assert never_said(said) == name, said


@pytest.mark.parametrize(
    "said", ["You are being selfish!", "it is not that bad", "YOU’RE OVERREACTING"]
)
def test_the_same_words_written_out_are_the_same(said: str) -> None:
    assert never_said(said)


@pytest.mark.parametrize("said", ["You let the dog out.", "She said it’s not that bad.", "Others?"])
def test_other_sentences_are_left_to_the_reading(said: str) -> None:
    assert never_said(said) is None
