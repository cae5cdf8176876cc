"""The cache of shipped vectors: faster, never different, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from companion.vectors import folder, shipped_vectors

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
