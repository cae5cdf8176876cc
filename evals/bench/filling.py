"""Memories of any size, on disk, made quickly: what recall is measured among.

Embedding 100,000 texts would take minutes and say nothing about searching them, so a text gets a
vector drawn from its own words as a seed. Vectors gather around topics, as those of real texts do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from sqlalchemy import insert, update

from companion.domain import Reflection
from companion.embedder import DIMENSIONS
from companion.memory.journal import JOURNAL_FILE, open_journal
from companion.memory.keys import load_cipher
from companion.memory.rows import Rows
from companion.memory.schema import people
from companion.memory.schema import reflections as kept
from companion.memory.store import open_sqlite
from companion.ports import Vectors

TOPICS = 64
_SEED = 20261126


class Seeded:
    """An Embedder of unit vectors from a seed; texts of one topic have a cosine of about a half."""

    name = "seeded-1"

    def __init__(self) -> None:
        self._topics = _unit(np.random.default_rng(_SEED).standard_normal((TOPICS, DIMENSIONS)))

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        seed = int.from_bytes(digest, "little")
        own = _unit(np.random.default_rng(seed).standard_normal(DIMENSIONS))
        return _unit(self._topics[seed % TOPICS] + own)


def fill(data: Path, keys: Path, reflections: Sequence[Reflection]) -> str:
    """Write reflections into a new journal at once, as `keep` would have; give the person's id.

    `keep` makes each of them safe on the disk before the next, which takes minutes for 100,000.
    """
    journal = open_journal(data, keys)
    person = journal.person().id
    journal.close()
    rows = Rows(load_cipher(keys, data_exists=True))
    store = open_sqlite(data / JOURNAL_FILE)
    with store.writing() as connection:
        sealed = [rows.sealed_reflection(person, reflection) for reflection in reflections]
        connection.execute(insert(kept), sealed)
        connection.execute(update(people).values(revision=uuid4().hex))
    store.close()
    return person


def _unit(vectors: np.ndarray) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)
