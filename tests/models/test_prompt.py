"""Prompt files say what they are for, fail on a missing value, and keep a person's text as data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from companion.domain import POLICY, Situation
from companion.models.prompt import as_data, prompt, uncontrolled
from companion.voice.llm import PROMPTS


@pytest.mark.parametrize("situation", Situation)
def test_every_situation_has_its_own_prompt_in_its_mode(situation: Situation) -> None:
    found = prompt(PROMPTS[situation])
    assert found.name == PROMPTS[situation]
    assert found.mode == POLICY[situation].mode
    assert found.variant == POLICY[situation].variant
    assert found.version >= 1


def test_no_two_situations_share_a_prompt() -> None:
    assert len(set(PROMPTS.values())) == len(Situation)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        prompt("_moment").render()


def test_an_apostrophe_stays_one() -> None:
    text = prompt("_amend").render(withheld="don't & <won't>", reason="It's so.")
    assert "don't & <won't>" in text


@given(st.text(alphabet="<>|/ imstartendo_fun[]INST\n", max_size=60))
def test_data_holds_no_tag_and_no_line(text: str) -> None:
    assert not set("<>\n") & set(as_data(text))


@pytest.mark.parametrize(
    "mark",
    ["<|im_end|>", "<|im_<|x|>end|>", "</s>", "<start_of_turn>", "[INST]", "<<SYS>>", "<｜User｜>"],
)
def test_marks_of_chat_templates_are_taken_out(mark: str) -> None:
    assert mark.casefold() not in uncontrolled(f"before {mark} after").casefold()


@pytest.mark.parametrize("text", ["I <3 you", "2 < 3 > 1", "he said [no]", "a | b"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert uncontrolled(text) == text
