"""Recollection: the journal, the index and a search by words, as one memory.

The journal is the truth. The index follows it and is remade from it whenever its mark does not
say that it stands for the journal's present state under the present embedder.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from companion.domain import Reflection
from companion.errors import IndexUnavailable
from companion.memory.in_memory import InMemoryIndex
from companion.memory.word_search import WordSearch
from companion.ports import Candidate, Embedder, Entry, Hit, Index, Journal, Vectors

POOL = 1_000
"""Nearest by meaning among which meaning and words are fused; up to here the fusing is exact."""
WORDS_WEIGHT = 0.5
BATCH = 250
STAND_IN_LIMIT = 2_000
"""Reflections that are embedded anew in memory while the index cannot be used: a few seconds."""


@dataclass(frozen=True)
class _Remembered:
    """One person's reflections at one revision, decrypted."""

    revision: str
    reflections: tuple[Reflection, ...]
    places: dict[str, int]
    words: WordSearch


class Recollection:
    """A Memory. Thread-safe; never breaks a turn for the index's sake.

    `trouble` is None, or a sentence on why the index is not in use.
    """

    def __init__(self, journal: Journal, index: Index, embedder: Embedder) -> None:
        self._journal, self._index, self._embedder = journal, index, embedder
        self._stand_in = InMemoryIndex()
        self._remembered: dict[str, _Remembered] = {}
        self._checked: set[tuple[str, str]] = set()
        self._lock = threading.RLock()
        self.trouble: str | None = None

    def reflections(self, person: str) -> tuple[Reflection, ...]:
        return self._remember(person).reflections

    def candidates(self, person: str, message: str, limit: int = 20) -> tuple[Candidate, ...]:
        """Give what may bear on the message, best first: z-scored meaning plus half of words.

        Without a usable index, meaning is compared in memory; raises only JournalError.
        """
        remembered = self._remember(person)
        if not remembered.reflections or not message.strip() or limit <= 0:
            return ()
        vector = self._embedder.embed([_encodable(message)])[0]
        with self._lock:
            hits = self._search(person, remembered, vector)
        found = [hit for hit in hits if hit.id in remembered.places]
        if not found:
            return ()
        places = [remembered.places[hit.id] for hit in found]
        similar = np.array([hit.similarity for hit in found], dtype=np.float32)
        fused = _standard(similar) + WORDS_WEIGHT * _standard(
            remembered.words.scores(message)[places]
        )
        best = np.argsort(-fused, kind="stable")[:limit]
        return tuple(
            Candidate(remembered.reflections[places[i]], float(similar[i]), float(fused[i]))
            for i in best
        )

    def keep(self, person: str, reflection: Reflection) -> None:
        """Write the reflection. An index that cannot follow is remade later."""
        with self._following(person) as follow:
            self._journal.keep(person, reflection)
            follow(lambda: self._index.put(person, self._entries([reflection])))

    def edit(self, person: str, reflection: Reflection) -> None:
        """Replace text and kind, in the index too. Raises JournalError when there is none."""
        with self._following(person) as follow:
            self._journal.edit(person, reflection)

            def change() -> None:
                # A replaced vector would stay on the disk, and it can tell what was edited away.
                self._index.erase(person, [reflection.id])
                stored = [
                    one for one in self._journal.reflections(person) if one.id == reflection.id
                ]
                self._index.put(person, self._entries(stored))

            follow(change)

    def forget(self, person: str, ids: Sequence[str]) -> None:
        """Destroy text and vectors. Raises IndexUnavailable when only the text could be."""
        with self._lock:
            before = self._journal.revision(person)
            self._forget_cached(person)
            self._journal.forget(person, ids)
            try:
                in_step = self._index.marked(person) == self._mark(before)
                self._index.erase(person, ids)
                if in_step:
                    self._index.mark(person, self._mark(self._journal.revision(person)))
            except IndexUnavailable as error:
                self.trouble = str(error)
                raise IndexUnavailable(
                    "The text is forgotten for good. Its trace in the search index could not be "
                    f"removed yet; that is done the next time the index opens. ({error})"
                ) from error

    def check(self, person: str) -> bool:
        """Bring the index in step with the journal; say whether it is in use."""
        with self._lock:
            return self._ready(person, self._remember(person))

    def _remember(self, person: str) -> _Remembered:
        with self._lock:
            revision = self._journal.revision(person)
            known = self._remembered.get(person)
            if known and known.revision == revision:
                return known
            reflections = self._journal.reflections(person)
            fresh = _Remembered(
                revision,
                reflections,
                {reflection.id: place for place, reflection in enumerate(reflections)},
                WordSearch([reflection.text for reflection in reflections]),
            )
            self._remembered[person] = fresh
            return fresh

    def _search(self, person: str, remembered: _Remembered, vector: Vectors) -> tuple[Hit, ...]:
        limit = min(POOL, len(remembered.reflections))
        if self._ready(person, remembered):
            try:
                return self._index.search(person, vector, limit)
            except IndexUnavailable as error:
                self.trouble = str(error)
        if len(remembered.reflections) > STAND_IN_LIMIT:
            return ()
        if self._stand_in.marked(person) != self._mark(remembered.revision):
            self._fill(self._stand_in, person, remembered)
        return self._stand_in.search(person, vector, limit)

    def _ready(self, person: str, remembered: _Remembered) -> bool:
        wanted = self._mark(remembered.revision)
        try:
            if self._index.marked(person) != wanted or not self._holds_all(person, remembered):
                self._fill(self._index, person, remembered)
        except IndexUnavailable as error:
            self.trouble = str(error)
            return False
        self._checked.add((person, wanted))
        self.trouble = None
        self._stand_in.erase(person, list(self._stand_in.ids(person)))
        return True

    def _holds_all(self, person: str, remembered: _Remembered) -> bool:
        if (person, self._mark(remembered.revision)) in self._checked:
            return True
        return self._index.ids(person) == remembered.places.keys()

    def _fill(self, index: Index, person: str, remembered: _Remembered) -> None:
        index.erase(person, list(index.ids(person)))
        for start in range(0, len(remembered.reflections), BATCH):
            index.put(person, self._entries(remembered.reflections[start : start + BATCH]))
        index.mark(person, self._mark(remembered.revision))

    @contextmanager
    def _following(self, person: str) -> Iterator[Callable[[Callable[[], None]], None]]:
        with self._lock:
            before = self._journal.revision(person)

            def follow(change: Callable[[], None]) -> None:
                self._forget_cached(person)
                try:
                    # An index that was out of step would be out of step still: leave it for _fill.
                    if self._index.marked(person) == self._mark(before):
                        change()
                        self._index.mark(person, self._mark(self._journal.revision(person)))
                except IndexUnavailable as error:
                    self.trouble = str(error)

            yield follow

    def _forget_cached(self, person: str) -> None:
        self._remembered.pop(person, None)
        self._checked = {one for one in self._checked if one[0] != person}
        self._stand_in.erase(person, list(self._stand_in.ids(person)))

    def _entries(self, reflections: Sequence[Reflection]) -> list[Entry]:
        vectors = self._embedder.embed([_encodable(reflection.text) for reflection in reflections])
        return [
            Entry(reflection.id, vector, reflection.kind, reflection.kept_at.date().isoformat())
            for reflection, vector in zip(reflections, vectors, strict=True)
        ]

    def _mark(self, revision: str) -> str:
        return f"{self._embedder.name} {revision}"


def _encodable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()


def _standard(values: NDArray[np.float32]) -> NDArray[np.float32]:
    spread = float(values.std())
    if spread < 1e-9:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / spread, dtype=np.float32)
