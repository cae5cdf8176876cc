"""What every Memory does, over each pair of journal and index."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
import pytest

from companion.domain import Reflection, ReflectionKind
from companion.errors import JournalError
from companion.memory.in_memory import InMemoryIndex, InMemoryJournal
from companion.memory.index import ChromaIndex
from companion.memory.journal import open_journal
from companion.memory.recollection import Recollection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = [
    "Rest is not laziness. I get to stop.",
    "Sam drove two hours to sit with me.",
    "I said no to the extra shift and nothing fell down.",
    "The heron stood in the river for an hour.",
    "",
    "the of and a",
    "💔💔",
    "أنا أستحق الراحة",
    "我不需要道歉",
]


class WordEmbedder:
    """Texts that share words are near."""

    name = "words-1"

    def embed(self, texts):
        made = np.zeros((len(texts), 64), dtype=np.float32)
        made[:, 0] = 0.1
        for row, text in zip(made, texts):
            for word in text.casefold().split():
                row[1 + crc32(word.encode()) % 63] += 1
        return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.fixture(params=["kept", "in_memory"])
def memory(request, tmp_path):
    if request.param == "in_memory":
        journal, index = InMemoryJournal(), InMemoryIndex()
    else:
        journal = open_journal(tmp_path / "data", tmp_path / "keys")
        index = ChromaIndex(tmp_path / "data" / "index")
    yield Recollection(journal, index, WordEmbedder())
    index.close()
    journal.close()


@pytest.fixture
def filled(memory):
    for number, text in enumerate(TEXTS):
        at = NOON + timedelta(days=number)
        memory.keep("anna", Reflection(str(number), ReflectionKind.MOMENT, text, at))
    return memory


def found(memory, message, **given):
    return [one.reflection.id for one in memory.candidates("anna", message, **given)]


def test_nothing_kept_is_nothing_recalled(memory):
    assert memory.reflections("anna") == ()
    assert memory.candidates("anna", "Sam drove here") == ()


def test_reflections_come_oldest_first(filled):
    assert [one.text for one in filled.reflections("anna")] == TEXTS


def test_what_bears_on_the_message_comes_first(filled):
    assert found(filled, "Sam drove over again")[0] == "1"
    assert found(filled, "they call my rest laziness.")[0] == "0"


def test_similarity_is_the_cosine_and_order_is_by_score(filled):
    message = "Sam drove two hours to sit with me."
    candidates = filled.candidates("anna", message)
    assert candidates[0].similarity == pytest.approx(1, abs=1e-4)
    assert all(-1.001 <= one.similarity <= 1.001 for one in candidates)
    scores = [one.score for one in candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_limit_is_kept(filled):
    assert len(found(filled, "Sam", limit=3)) == 3
    assert found(filled, "Sam", limit=0) == []


@pytest.mark.parametrize(
    "message", ["", " ", "the of and", "💔", "我不需要道歉", "?!", "\ud800", "\x00", "a" * 9000]
)
def test_no_message_is_too_odd(filled, message):
    filled.candidates("anna", message)


def test_only_odd_texts_are_searched_too(memory):
    for number, text in enumerate(["", "the", "💔"]):
        memory.keep("anna", Reflection(str(number), ReflectionKind.MOMENT, text, NOON))
    assert len(found(memory, "the heron")) == 3


def test_what_was_just_kept_is_found(filled):
    assert found(filled, "Sam drove")[0] == "1"
    filled.keep("anna", Reflection("new", ReflectionKind.CONNECTION, "a kite over the dunes", NOON))
    assert found(filled, "a kite over the dunes")[0] == "new"


def test_an_edit_is_found_by_its_new_words(filled):
    found(filled, "Sam drove")
    heron = filled.reflections("anna")[3]
    filled.edit("anna", replace(heron, text="kites kites kites"))
    (best, *_) = filled.candidates("anna", "kites")
    assert best.reflection.id == "3"
    assert best.reflection.text == "kites kites kites"
    assert best.similarity > 0.9


def test_an_edit_of_nothing_is_refused(filled):
    with pytest.raises(JournalError):
        filled.edit("anna", Reflection("nowhere", ReflectionKind.MOMENT, "x", NOON))
    assert found(filled, "Sam drove")[0] == "1"


def test_what_was_forgotten_is_gone(filled):
    assert found(filled, "Sam drove two hours")[0] == "1"
    filled.forget("anna", ["1", "never kept"])
    assert "1" not in found(filled, "Sam drove two hours")
    assert "1" not in [one.id for one in filled.reflections("anna")]


def test_everything_can_be_forgotten(filled):
    filled.forget("anna", [one.id for one in filled.reflections("anna")])
    assert filled.reflections("anna") == ()
    assert filled.candidates("anna", "Sam drove") == ()


def test_people_stay_apart(filled):
    filled.keep("ben", Reflection("b", ReflectionKind.MOMENT, "Sam drove two hours", NOON))
    assert "b" not in found(filled, "Sam drove two hours")
    assert [one.reflection.id for one in filled.candidates("ben", "Sam drove")] == ["b"]
