"""The two sides of searching a memory: ours, and Chroma with nothing of ours around it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings

from companion.domain import Mode, Reflection, Situation
from companion.memory.chroma import RefusesToEmbed
from companion.memory.index import ChromaIndex
from companion.memory.journal import open_journal
from companion.memory.recollection import POOL, Recollection
from companion.ports import Embedder
from companion.steps.recall import recall

NEAREST = 20
"""Neighbours that a bare query asks for."""
EF_SEARCH = 100
"""Nodes that Chroma looks at by itself."""


class Ours:
    """A person's memory on disk, as the app opens it."""

    def __init__(self, data: Path, keys: Path, embedder: Embedder) -> None:
        self._data, self._keys, self._embedder = data, keys, embedder

    def open(self) -> None:
        self._journal = open_journal(self._data, self._keys)
        self._index = ChromaIndex(self._data / "index")
        self.memory = Recollection(self._journal, self._index, self._embedder)
        self._person = self._journal.person().id

    def check(self) -> None:
        """Make the index if it is not in step. Raises RuntimeError when it cannot be used."""
        if not self.memory.check(self._person):
            raise RuntimeError(self.memory.trouble)

    def search(self, message: str) -> None:
        found = self.memory.candidates(self._person, message)
        recall(message, Situation.MEANING_ATTACKED, Mode.BOUNDARY, found)

    def keep(self, reflection: Reflection) -> None:
        self.memory.keep(self._person, reflection)

    def close(self) -> None:
        self._index.close()
        self._journal.close()


class Bare:
    """A copy of our index's Chroma files, opened with the bare client and queried by vector.

    With `plain` it asks for 20 neighbours with what Chroma looks at by itself, else for what ours
    asks for.
    """

    def __init__(self, index: Path, copy: Path, embedder: Embedder, *, plain: bool) -> None:
        (files,) = index.glob("chroma-*")
        shutil.copytree(files, copy)
        self._place, self._embedder = copy, embedder
        self._count = NEAREST if plain else POOL
        if plain:
            self.open()
            self._collection.modify(configuration={"hnsw": {"ef_search": EF_SEARCH}})
            self.close()

    def open(self) -> None:
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None,
            chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
            anonymized_telemetry=False,
            chroma_otel_collection_endpoint="",
        )
        self._client: Any = chromadb.PersistentClient(path=str(self._place), settings=settings)
        (only,) = self._client.list_collections()
        self._collection = self._client.get_collection(
            only.name, embedding_function=RefusesToEmbed()
        )

    def search(self, message: str) -> None:
        self._collection.query(
            query_embeddings=self._embedder.embed([message]),
            n_results=self._count,
            include=["distances"],
        )

    def keep(self, reflection: Reflection) -> None:
        about = {"kind": reflection.kind.value, "kept_on": reflection.kept_at.date().isoformat()}
        vectors = self._embedder.embed([reflection.text])
        self._collection.add(ids=[reflection.id], embeddings=vectors, metadatas=[about])

    def close(self) -> None:
        self._client.close()


Side = Ours | Bare


def searching(side: Side) -> Callable[[str], float]:
    """Give what measures one search."""
    return lambda message: took(lambda: side.search(message))


def opening(side: Side) -> Callable[[str], float]:
    """Give what measures opening the files anew with a first search."""

    def measured(message: str) -> float:
        side.close()
        return took(lambda: (side.open(), side.search(message)))

    return measured


def keeping(side: Side) -> Callable[[tuple[Reflection, str]], tuple[float, float]]:
    """Give what measures keeping one more, and the search after it."""

    def measured(given: tuple[Reflection, str]) -> tuple[float, float]:
        reflection, message = given
        return took(lambda: side.keep(reflection)), took(lambda: side.search(message))

    return measured


def took(do: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
