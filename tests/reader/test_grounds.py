"""The words a reading rests on: exact shares of the head's score, in the person's own message."""

from __future__ import annotations

import numpy as np
import pytest

from companion.reader.encoder import Encoder, Read
from companion.reader.grounds import grounds, shares
from companion.reader.heads import load

MESSAGE = "I made soup, and then my sister said I only ever think of myself, and I washed up."


@pytest.fixture(scope="module")
def read() -> Read:
    return Encoder(threads=1).read(MESSAGE)


def test_what_the_tokens_give_makes_up_the_odds_between_two_situations(read) -> None:
    head = load()["situation"]
    one, other = head.labels.index("meaning_attacked"), head.labels.index("everyday")
    weights = head.weights[one] - head.weights[other]
    given = read.states @ weights / len(read.spans)
    odds = (float(given.sum()) + float(head.bias[one] - head.bias[other])) / head.temperature
    said = head.probabilities(read.mean[np.newaxis])[0]
    assert odds == pytest.approx(float(np.log(said[one] / said[other])), rel=1e-3)
    ranked = np.argsort(shares(read, weights))
    assert (ranked == np.argsort(given)).all(), "what all give alike must not change the order"


def test_every_token_stands_where_its_span_says(read) -> None:
    said = [span.of(MESSAGE) for span in read.spans]
    assert "sister" in said
    assert len(read.states) == len(read.spans)


def test_spans_point_into_the_text_as_it_was_written() -> None:
    text = "He said “lazy” — 🙃 and 我很累."
    read = Encoder(threads=1).read(text)
    pieces = [span.of(text) for span in read.spans]
    assert "lazy" in pieces
    assert "🙃" in "".join(pieces)
    assert all(0 <= span.start <= span.end <= len(text) for span in read.spans)


def test_a_clause_that_says_nothing_to_the_head_is_not_named_first(read) -> None:
    head = load()["situation"]
    weights = head.weights[head.labels.index("meaning_attacked")] - head.weights.mean(axis=0)
    named = [span.of(MESSAGE) for span in grounds(MESSAGE, read, weights)]
    assert "sister said" in named[0] or "think of myself" in named[0], named


def test_the_same_weights_turned_round_name_other_words_first(read) -> None:
    weights = load()["situation"].weights[0]
    assert grounds(MESSAGE, read, weights)[0] != grounds(MESSAGE, read, -weights)[0]
    assert grounds(MESSAGE, read, np.zeros_like(weights))
