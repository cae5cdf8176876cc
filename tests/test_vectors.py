"""The cache of shipped vectors: faster, never different, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from companion import vectors
from companion.cache import folder
from companion.embedder import MiniLM
from companion.vectors import key, pack, shipped_vectors
from training.vectors import texts

TEXTS = ["That word is hers.", "Rest here."]


class Counting:
    """An embedder that notes how often it was asked."""

    name = "counting-1"

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, texts):
        self.asked += 1
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_vectors_are_made_once_and_read_back(cache: Path) -> None:
    embedder = Counting()
    first, second = (shipped_vectors(embedder, TEXTS) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.dtype == second.dtype
    assert embedder.asked == 1
    assert len(list(cache.iterdir())) == 1


def test_other_texts_and_other_embedders_have_their_own(cache: Path) -> None:
    embedder, other = Counting(), Counting()
    other.name = "counting-2"
    shipped_vectors(embedder, TEXTS)
    shipped_vectors(embedder, TEXTS[::-1])
    shipped_vectors(embedder, ["".join(TEXTS)])
    shipped_vectors(other, TEXTS)
    assert (embedder.asked, other.asked) == (3, 1)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_made_again(cache: Path, damage: bytes) -> None:
    embedder = Counting()
    truth = shipped_vectors(embedder, TEXTS)
    (path,) = cache.iterdir()
    path.write_bytes(damage)
    np.testing.assert_array_equal(shipped_vectors(embedder, TEXTS), truth)
    np.testing.assert_array_equal(shipped_vectors(embedder, TEXTS), truth)
    assert embedder.asked == 2


def test_a_cache_that_cannot_be_written_is_done_without(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    embedder = Counting()
    assert len(shipped_vectors(embedder, TEXTS)) == 2
    assert len(shipped_vectors(embedder, TEXTS)) == 2
    assert embedder.asked == 2


def test_it_holds_no_text(cache: Path) -> None:
    shipped_vectors(Counting(), TEXTS)
    (path,) = cache.iterdir()
    assert b"word is hers" not in path.read_bytes()
    assert "word" not in path.name


def test_the_folder_is_the_one_asked_for(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder() == cache
    monkeypatch.delenv("COMPANION_CACHE")
    assert folder().name == "companion"


class TestTheShippedFile:
    """Written by `make vectors`; what it does not hold is embedded here."""

    @pytest.fixture
    def packed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
        path = tmp_path / "texts.npz"
        monkeypatch.setattr(vectors, "SHIPPED", path)
        vectors._shipped.cache_clear()
        yield path
        vectors._shipped.cache_clear()

    def test_it_gives_nearly_the_same_vectors(self, packed: Path, embedder) -> None:
        assert pack(embedder, [*TEXTS, *TEXTS], packed) == len(TEXTS)
        read = shipped_vectors(embedder, TEXTS)
        assert np.allclose(np.linalg.norm(read, axis=1), 1.0)
        assert (np.sum(read * embedder.embed(TEXTS), axis=1) > 0.999).all()

    def test_only_what_is_missing_is_embedded(self, packed: Path, embedder, cache: Path) -> None:
        pack(embedder, TEXTS, packed)
        read = shipped_vectors(embedder, [TEXTS[0], "A new line.", TEXTS[1]])
        assert np.allclose(read[1], embedder.embed(["A new line."])[0])
        assert len(list(cache.iterdir())) == 1

    def test_another_embedder_s_file_is_not_used(self, packed: Path, embedder) -> None:
        pack(embedder, TEXTS, packed)
        assert shipped_vectors(Counting(), TEXTS).shape == (2, 2)

    @pytest.mark.parametrize("damage", [b"", b"nonsense", b"PK\x03\x04"])
    def test_a_damaged_file_is_passed_over(self, packed: Path, embedder, damage: bytes) -> None:
        packed.write_bytes(damage)
        np.testing.assert_array_equal(shipped_vectors(embedder, TEXTS), embedder.embed(TEXTS))

    def test_it_holds_every_text_that_ships(self) -> None:
        known = vectors._shipped(MiniLM.name)
        missing = [text for text in texts() if key(text) not in known]
        assert missing == [], "run `make vectors`"
