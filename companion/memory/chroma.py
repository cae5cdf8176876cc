"""One folder of Chroma: ids, vectors, kinds and dates, a collection for each person, no text.

Imported only when the index is used, since Chroma takes over a second to import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import NotFoundError
from chromadb.utils.embedding_functions import register_embedding_function

from companion.domain import ReflectionKind
from companion.ports import Entry, Hit, Vectors

VERSION = str(chromadb.__version__)
BATCH = 500
EF_SEARCH = 1_000
"""Chroma looks at this many nodes a search; 100 missed exact matches."""


@register_embedding_function
class RefusesToEmbed(chromadb.EmbeddingFunction[Any]):
    """Stands where Chroma would otherwise put a model it downloads."""

    def __init__(self) -> None:
        pass

    def __call__(self, input: Any) -> Any:
        raise RuntimeError("Companion embeds texts itself; Chroma is only ever given vectors.")

    @staticmethod
    def name() -> str:
        return "companion-refuses-to-embed"

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> RefusesToEmbed:
        return RefusesToEmbed()

    def get_config(self) -> dict[str, Any]:
        return {}


class Collections:
    """An open Chroma folder. Raises whatever Chroma raises; `ChromaIndex` puts it in words."""

    def __init__(self, folder: Path) -> None:
        # Chroma would read `.env` of the working folder and refuse what is not its own there.
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None,
            chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
            anonymized_telemetry=False,
            chroma_otel_collection_endpoint="",
        )
        self._client: Any = chromadb.PersistentClient(path=str(folder), settings=settings)
        self._open: dict[str, Any] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(collection.name for collection in self._client.list_collections())

    def ids(self, name: str) -> frozenset[str]:
        collection = self._collection(name)
        return frozenset(collection.get(include=[])["ids"]) if collection else frozenset()

    def put(self, name: str, entries: Sequence[Entry]) -> None:
        collection = self._collection(name)
        if collection is None:
            collection = self._open[name] = self._client.create_collection(
                name,
                embedding_function=RefusesToEmbed(),
                configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH}},
            )
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            collection.upsert(
                ids=[entry.id for entry in batch],
                embeddings=np.stack([entry.vector for entry in batch]),
                metadatas=[{"kind": entry.kind.value, "kept_on": entry.kept_on} for entry in batch],
            )

    def search(self, name: str, vector: Vectors, limit: int) -> tuple[Hit, ...]:
        collection = self._collection(name)
        if collection is None or limit <= 0:
            return ()
        # Asked for more than it holds, Chroma gives what there is; counting first costs as much
        # again as searching.
        found = collection.query(
            query_embeddings=vector.reshape(1, -1), n_results=limit, include=["distances"]
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return tuple(Hit(key, 1.0 - float(distance)) for key, distance in pairs)

    def entries(self, name: str) -> Iterator[Entry]:
        """Yield everything a collection holds, vectors bit for bit."""
        collection = self._collection(name)
        start = 0
        while collection is not None:
            part = collection.get(include=["embeddings", "metadatas"], limit=BATCH, offset=start)
            for key, vector, about in zip(
                part["ids"], part["embeddings"], part["metadatas"], strict=True
            ):
                kind = ReflectionKind(about["kind"])
                yield Entry(key, np.asarray(vector, dtype=np.float32), kind, about["kept_on"])
            start += BATCH
            if len(part["ids"]) < BATCH:
                return

    def close(self) -> None:
        self._open.clear()
        self._client.close()

    def _collection(self, name: str) -> Any:
        if name not in self._open:
            try:
                found = self._client.get_collection(name, embedding_function=RefusesToEmbed())
            except NotFoundError:
                return None
            self._open[name] = found
        return self._open[name]
