"""The policy is exactly DOMAIN's, and docs/domain.md uses the words that the code uses."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from companion.domain import (
    MODE_QUESTION,
    NO_CRISIS,
    POLICY,
    RECALLED_FIRST,
    CrisisLevel,
    CrisisState,
    Mode,
    Move,
    OldRule,
    Policy,
    Reflection,
    ReflectionKind,
    ShamingCategory,
    Situation,
    Span,
    Variant,
)

PAGE = Path(__file__).parents[1] / "docs" / "domain.md"
written = pytest.mark.skipif(not PAGE.is_file(), reason="docs/domain.md is not there yet")

BOUNDARY_MOVES = (Move.CLOSE, Move.AUTHOR, Move.HOLD)
OPENNESS_MOVES = (Move.OPEN, Move.STAY, Move.BESIDE)
TABLE = {
    "meaning_attacked": ("boundary", "plain", BOUNDARY_MOVES),
    "identity_shamed": ("boundary", "refusal", BOUNDARY_MOVES),
    "safety_missing": ("openness", "plain", OPENNESS_MOVES),
    "love_revoked": ("openness", "remembrance", OPENNESS_MOVES),
    "everyday": ("openness", "light", (Move.MEET, Move.ACCOMPANY)),
}


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """Give the cells after the first, by the first cell's `code`, of the tables under a heading."""
    under = page.split(f"\n{heading}\n", 1)[1].split("\n## ", 1)[0]
    found = {}
    for line in under.splitlines():
        match = re.match(r"\|\s*`(\w+)`[^|]*\|(.*)\|\s*$", line)
        if match:
            found[match.group(1)] = [cell.strip() for cell in match.group(2).split("|")]
    return found


def test_the_policy_table_is_domain_s() -> None:
    made = {
        situation.value: (policy.mode.value, policy.variant.value, policy.moves)
        for situation, policy in POLICY.items()
    }
    assert made == TABLE
    assert set(POLICY) == set(Situation)


def test_a_situation_never_blends_the_modes() -> None:
    for policy in POLICY.values():
        other = OPENNESS_MOVES if policy.mode is Mode.BOUNDARY else BOUNDARY_MOVES
        assert not set(policy.moves) & set(other)


def test_the_policy_cannot_be_changed_while_it_runs() -> None:
    with pytest.raises(TypeError):
        POLICY[Situation.EVERYDAY] = Policy(Mode.BOUNDARY, Variant.PLAIN, ())  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        POLICY[Situation.EVERYDAY].mode = Mode.BOUNDARY  # type: ignore[misc]


def test_each_mode_has_its_question_and_the_kind_it_recalls_first() -> None:
    assert MODE_QUESTION == {
        Mode.BOUNDARY: "Who gets to define me right now?",
        Mode.OPENNESS: "Am I still held, even now?",
    }
    assert RECALLED_FIRST == {
        Mode.BOUNDARY: ReflectionKind.AUTHORSHIP,
        Mode.OPENNESS: ReflectionKind.CONNECTION,
    }


def test_the_categories_stand_worst_first() -> None:
    assert [category.value for category in ShamingCategory] == [
        "revoking",
        "contempt",
        "labelling",
        "pathologising",
        "blaming",
        "conditional_care",
        "compliance",
        "moralising",
        "invalidating",
        "minimising",
        "forced_positivity",
    ]


def test_the_old_rules_are_four() -> None:
    assert {rule.value for rule in OldRule} == {
        "safety_requires_compliance",
        "love_can_be_revoked",
        "boundaries_mean_abandonment",
        "openness_invites_punishment",
    }


def test_the_levels_rise() -> None:
    assert CrisisLevel.NONE.rank < CrisisLevel.CONCERN.rank < CrisisLevel.EMERGENCY.rank


def test_a_crisis_is_active_until_its_level_is_none() -> None:
    assert not NO_CRISIS.active
    assert CrisisState(CrisisLevel.CONCERN).active
    assert not CrisisState(CrisisLevel.NONE, cleared=True).active


def test_a_span_gives_its_stretch_of_a_text() -> None:
    assert Span(4, 8).of("she said no") == "said"


def test_a_reflection_keeps_no_more_than_was_chosen() -> None:
    assert set(Reflection.__dataclass_fields__) == {"id", "kind", "text", "kept_at", "stays"}


@written
def test_the_page_has_the_same_policy() -> None:
    found = rows(PAGE.read_text(encoding="utf-8"), "## The four situations (and the fifth)")
    assert set(found) == set(TABLE)
    for name, cells in found.items():
        mode, variant, _ = TABLE[name]
        assert f"`{mode}`" in cells[1]
        assert variant.replace("refusal", "**refusal**") in cells[2].replace(
            "**remembrance**", variant
        )


@written
def test_the_page_lists_the_categories_in_the_same_order() -> None:
    heading = "## What it never says: shaming language"
    found = rows(PAGE.read_text(encoding="utf-8"), heading)
    assert list(found) == [category.value for category in ShamingCategory]


@written
@pytest.mark.parametrize("kind", [Mode, Situation, OldRule, ReflectionKind, ShamingCategory])
def test_the_page_uses_every_word_of_the_code(kind: type) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [member.value for member in kind if f"`{member.value}`" not in page] == []


@written
@pytest.mark.parametrize("level", [CrisisLevel.CONCERN, CrisisLevel.EMERGENCY])
def test_the_page_describes_the_levels(level: CrisisLevel) -> None:
    assert f"`{level.value}`" in PAGE.read_text(encoding="utf-8")
