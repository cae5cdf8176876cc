"""What training writes, checked where torch is not installed: calibration and shipped weights."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from companion.domain import PastTurn
from companion.reader.encoder import WEIGHTS, WIDTH, before, tokens
from companion.reader.heads import load
from training import calibrate, data

HEADS = {"situation", "also", "old_rule", "crisis", "crisis_kind", "shaming"}


def test_missing_a_crisis_is_taken_to_cost_more_than_a_false_alarm() -> None:
    risk = np.linspace(0, 1, 101)
    truth = risk + np.sin(np.arange(101)) * 0.4 > 0.5
    dear = calibrate.threshold(risk, truth, calibrate.Costs(50, 1, share=0.05))
    cheap = calibrate.threshold(risk, truth, calibrate.Costs(1, 1, share=0.05))
    assert dear < cheap


def test_no_cost_makes_the_alarm_ring_at_more_than_was_allowed() -> None:
    risk = np.linspace(0, 1, 101)
    truth = np.arange(101) % 2 == 0
    at = calibrate.threshold(risk, truth, calibrate.Costs(1e9, 1, share=0.5), 0.9)
    assert (risk[~truth] < at).mean() >= 0.9


def test_a_temperature_makes_confidence_what_it_is_worth() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 4000)
    logits = rng.normal(size=(4000, 3))
    logits[np.arange(4000), truth] += 1.0
    assert calibrate.temperature(logits * 4, truth) == pytest.approx(
        4 * calibrate.temperature(logits, truth), rel=0.02
    )


def test_a_brief_is_never_on_both_sides_of_the_split() -> None:
    learning, validation = data.split([*data.messages(), *data.crises(), *data.replies()])
    seen = {(type(row), row.brief) for row in learning}
    held = {(type(row), row.brief) for row in validation}
    assert held
    assert not seen & held
    assert len({kind for kind, _ in held}) == 3


def test_the_shipped_weights_name_their_sha256() -> None:
    about = json.loads((WEIGHTS / "heads.json").read_text())
    for file, name in (("reader.onnx", "reader_sha256"), ("heads.npz", "heads_sha256")):
        assert about[name] == hashlib.sha256((WEIGHTS / file).read_bytes()).hexdigest()
    assert (WEIGHTS / "reader.onnx").stat().st_size < 40_000_000


def test_int8_says_what_the_trained_network_says() -> None:
    about = json.loads((WEIGHTS / "heads.json").read_text())["int8_says_the_same"]
    assert about.pop("largest_logit_difference") < 2e-3
    assert set(about) == HEADS
    assert min(about.values()) >= 0.97


def test_every_head_is_shipped_with_its_temperature() -> None:
    heads = load()
    assert set(heads) == HEADS
    for head in heads.values():
        assert head.weights.shape == (len(head.labels), WIDTH)
        assert np.isfinite(head.weights).all()
        assert head.temperature > 0
    assert heads["crisis"].threshold is not None
    assert heads["crisis"].watch < heads["crisis"].threshold
    assert heads["shaming"].threshold is not None


def test_a_text_is_seen_before_its_context_and_apart_from_it() -> None:
    from companion.reader.encoder import bare_tokenizer

    seen = tokens(bare_tokenizer(), "she said it again", "my sister calls me lazy")
    assert seen.types == [0] * seen.size + [1] * (len(seen.ids) - seen.size)
    assert len(seen.spans) == seen.size
    alone = tokens(bare_tokenizer(), "she said it again")
    assert alone.ids == seen.ids[: seen.size]


def test_what_came_before_is_cut_to_its_end() -> None:
    said = before([PastTurn("x" * 900 + " the end", "y" * 900 + " and so?")])
    assert "the end" in said
    assert said.endswith("and so?")
    assert len(said) < 500
    assert before(()) == ""
