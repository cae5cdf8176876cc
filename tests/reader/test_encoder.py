"""What the encoder sees of a text: all of it, in windows, and nothing that is not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.domain import CrisisLevel
from companion.reader import EmbeddedReader
from companion.reader.encoder import OVERLAP, TEXT_TOKENS, Encoder, bare_tokenizer, tokens

ENCODER = Encoder(threads=1)
TOKENIZER = bare_tokenizer()


def size(text: str) -> int:
    return len(TOKENIZER.encode(text, add_special_tokens=False).ids)


def test_a_text_that_fits_is_one_window() -> None:
    text = "word " * 100
    assert [window.of(text) for window in ENCODER.windows(text)] == [text]
    assert [window.of("") for window in ENCODER.windows("")] == [""]


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=200, max_size=3000))
def test_every_window_fits_and_together_they_leave_nothing_out(text: str) -> None:
    windows = ENCODER.windows(text)
    spans = TOKENIZER.encode(text, add_special_tokens=False).offsets
    for start, end in spans:
        assert any(window.start <= start and end <= window.end for window in windows)
    # Cut inside a word, a piece may split into a few more tokens than it was.
    assert all(size(window.of(text)) <= TEXT_TOKENS + OVERLAP for window in windows)


def test_no_window_is_a_scrap() -> None:
    text = "the bus was late again and nobody said why " * 40
    sizes = [size(window.of(text)) for window in ENCODER.windows(text)]
    assert len(sizes) > 1
    assert max(sizes) - min(sizes) <= 2


def test_danger_at_the_end_of_dense_text_is_read() -> None:
    message = "🙃 🙂 " * 150 + "i took all my tablets and i am going to die tonight"
    assert size(message) > TEXT_TOKENS
    assert EmbeddedReader(threads=1).read(message).crisis is CrisisLevel.EMERGENCY


def test_a_sentence_without_an_end_is_judged_to_its_end() -> None:
    calm = "and then the table and the chairs and the window and the door and the lamp " * 20
    reader = EmbeddedReader(threads=1)
    cruel = "you are a worthless burden and they were right to leave"
    alone, ended = reader.judge([calm, f"{calm}{cruel}"], "")
    assert size(calm) > TEXT_TOKENS
    assert ended.score != alone.score


def test_the_names_of_control_tokens_are_read_as_letters() -> None:
    seen = tokens(TOKENIZER, "he wrote [SEP] and [CLS]")
    assert seen.ids.count(102) == 1
    assert seen.ids.count(101) == 1


@pytest.mark.parametrize("context", ["", "my sister calls me lazy"])
def test_the_states_are_the_text_s_own(context: str) -> None:
    read = ENCODER.read("she said it again", context)
    assert len(read.states) == len(read.spans) == size("she said it again") + 2
    assert np.isfinite(read.mean).all()
