"""How the index follows the journal, and what happens when it cannot."""

from dataclasses import replace
from datetime import UTC, datetime
from zlib import crc32

import numpy as np
import pytest

from companion.domain import Reflection, ReflectionKind
from companion.errors import IndexUnavailable, JournalError
from companion.memory import recollection
from companion.memory.in_memory import InMemoryIndex, InMemoryJournal
from companion.memory.index import ChromaIndex
from companion.memory.journal import open_journal
from companion.memory.recollection import Recollection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class CountingEmbedder:
    """Texts that share words are near. Counts what it embeds."""

    def __init__(self, name="words-1", dimensions=64):
        self.name, self._dimensions = name, dimensions
        self.embedded = []

    def embed(self, texts):
        self.embedded.extend(texts)
        made = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        made[:, 0] = 0.1
        for row, text in zip(made, texts):
            for word in text.casefold().split():
                row[1 + crc32(word.encode()) % (self._dimensions - 1)] += 1
        return made / np.linalg.norm(made, axis=1, keepdims=True)


class FailingIndex(InMemoryIndex):
    """Refuses whichever methods it is told to."""

    def __init__(self):
        super().__init__()
        self.refused = set()

    def __getattribute__(self, name):
        if name in object.__getattribute__(self, "__dict__").get("refused", ()):
            raise IndexUnavailable("The search index is busy: another Companion is using it.")
        return super().__getattribute__(name)


def kept(key, text):
    return Reflection(key, ReflectionKind.MOMENT, text, NOON)


def first(memory, message):
    found = memory.candidates("anna", message)
    return found[0].reflection.id if found else None


def fill(memory):
    for key, text in {"a": "a heron", "b": "Sam drove", "c": "no to the shift"}.items():
        memory.keep("anna", kept(key, text))


@pytest.fixture
def embedder():
    return CountingEmbedder()


@pytest.fixture
def index():
    return FailingIndex()


@pytest.fixture
def journal():
    return InMemoryJournal()


@pytest.fixture
def memory(journal, index, embedder):
    made = Recollection(journal, index, embedder)
    fill(made)
    assert first(made, "Sam drove") == "b"
    return made


def test_an_index_in_step_is_not_made_again(memory, journal, index):
    again = CountingEmbedder()
    assert first(Recollection(journal, index, again), "Sam drove") == "b"
    assert again.embedded == ["Sam drove"]


def test_each_reflection_is_embedded_once_while_in_step(memory, embedder):
    embedder.embedded.clear()
    memory.keep("anna", kept("d", "a kite"))
    assert first(memory, "kite") == "d"
    assert embedder.embedded == ["a kite", "kite"]


def test_another_embedder_makes_the_index_again(memory, journal, index):
    again = CountingEmbedder("words-2", dimensions=32)
    assert first(Recollection(journal, index, again), "Sam drove") == "b"
    assert set(again.embedded) == {"a heron", "Sam drove", "no to the shift"}


def test_what_another_process_wrote_is_seen(memory, journal):
    journal.keep("anna", kept("d", "a kite"))
    assert first(memory, "kite") == "d"
    journal.edit("anna", kept("d", "a lantern"))
    assert first(memory, "lantern") == "d"
    journal.forget("anna", ["d"])
    assert "d" not in [one.reflection.id for one in memory.candidates("anna", "lantern")]


def test_a_count_that_does_not_match_is_made_again(memory, journal, index, embedder):
    mark = index.marked("anna")
    index.erase("anna", ["b"])
    index.mark("anna", mark)
    assert first(Recollection(journal, index, embedder), "Sam drove") == "b"
    assert index.ids("anna") == {"a", "b", "c"}


@pytest.mark.parametrize("refused", ["put", "mark", "marked", "erase", "search", "ids"])
def test_a_reflection_is_never_lost_to_the_index(memory, index, refused):
    index.refused = {refused}
    memory.keep("anna", kept("d", "a kite"))
    memory.edit("anna", kept("a", "a lantern"))
    assert first(memory, "kite") == "d"
    assert first(memory, "lantern") == "a"
    assert len(memory.reflections("anna")) == 4
    index.refused = set()
    assert first(memory, "kite") == "d"
    assert first(memory, "lantern") == "a"
    assert memory.trouble is None
    assert index.ids("anna") == {"a", "b", "c", "d"}


def test_why_the_index_is_not_in_use_is_said(memory, index):
    index.refused = {"marked"}
    assert first(memory, "Sam drove") == "b"
    assert "another Companion" in memory.trouble
    assert memory.check("anna") is False
    index.refused = set()
    assert memory.check("anna") is True


def test_too_many_to_compare_in_memory_are_left_alone(memory, index, monkeypatch):
    monkeypatch.setattr(recollection, "STAND_IN_LIMIT", 2)
    index.refused = {"marked"}
    assert memory.candidates("anna", "Sam drove") == ()
    assert memory.trouble


def test_forgetting_says_when_the_index_could_not_follow(memory, index, journal):
    index.refused = {"erase"}
    with pytest.raises(IndexUnavailable, match="text is forgotten for good"):
        memory.forget("anna", ["b"])
    assert [one.id for one in journal.reflections("anna")] == ["a", "c"]
    index.refused = set()
    memory.check("anna")
    assert index.ids("anna") == {"a", "c"}


def test_a_journal_that_refuses_leaves_the_index_as_it_was(memory, index):
    before = index.ids("anna"), index.marked("anna")
    with pytest.raises(JournalError):
        memory.keep("anna", kept("a", "twice"))
    assert (index.ids("anna"), index.marked("anna")) == before


def test_two_memories_of_one_person_on_one_disk(tmp_path, embedder):
    journals = [open_journal(tmp_path / "data", tmp_path / "keys") for _ in range(2)]
    indexes = [ChromaIndex(tmp_path / "data" / "index") for _ in range(2)]
    app, command = (Recollection(j, i, embedder) for j, i in zip(journals, indexes))
    fill(app)
    assert first(app, "Sam drove") == "b"
    command.keep("anna", kept("d", "a kite"))
    assert first(command, "a kite") == "d"
    assert "another Companion" in command.trouble
    assert first(app, "a kite") == "d"
    with pytest.raises(IndexUnavailable):
        command.forget("anna", ["d"])
    assert "d" not in [one.reflection.id for one in app.candidates("anna", "a kite")]
    assert indexes[0].ids("anna") == {"a", "b", "c"}
    for one in (*indexes, *journals):
        one.close()


def test_a_lost_index_is_remade_from_the_journal(tmp_path, embedder):
    journal = open_journal(tmp_path / "data", tmp_path / "keys")
    index = ChromaIndex(tmp_path / "index")
    fill(Recollection(journal, index, embedder))
    index.close()
    for path in sorted((tmp_path / "index").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    index = ChromaIndex(tmp_path / "index")
    memory = Recollection(journal, index, embedder)
    assert first(memory, "Sam drove") == "b"
    assert index.ids("anna") == {"a", "b", "c"}
    index.close()
    journal.close()


def test_what_was_forgotten_or_edited_away_is_in_no_file(tmp_path):
    embedder = CountingEmbedder(dimensions=384)
    journal = open_journal(tmp_path / "data", tmp_path / "keys")
    index = ChromaIndex(tmp_path / "data" / "index")
    memory = Recollection(journal, index, embedder)
    fill(memory)
    first(memory, "Sam drove")
    gone, edited, stays = embedder.embed(["Sam drove", "a heron", "no to the shift"])

    def places(vector):
        words = vector.tobytes()
        return [p for p in tmp_path.rglob("*") if p.is_file() and words in p.read_bytes()]

    assert places(gone)
    assert places(edited)
    memory.forget("anna", ["b"])
    memory.edit("anna", replace(kept("a", "a lantern")))
    assert not places(gone)
    assert not places(edited)
    assert places(stays)
    index.close()
    journal.close()
