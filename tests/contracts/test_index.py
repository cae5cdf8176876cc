"""What every Index does."""

import numpy as np
import pytest

from companion.domain import ReflectionKind
from companion.memory.in_memory import InMemoryIndex
from companion.memory.index import ChromaIndex
from companion.ports import Entry

DIMENSIONS = 384


@pytest.fixture(params=["chroma", "in_memory"])
def index(request, tmp_path):
    made = InMemoryIndex() if request.param == "in_memory" else ChromaIndex(tmp_path / "index")
    yield made
    made.close()


def vectors(count, seed=7):
    made = np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def entries(made, prefix="r"):
    kind = ReflectionKind.MOMENT
    return [Entry(f"{prefix}{i}", row, kind, "2026-03-01") for i, row in enumerate(made)]


def test_an_unknown_person_has_nothing(index):
    assert index.ids("anna") == frozenset()
    assert index.search("anna", vectors(1)[0], 5) == ()
    assert index.marked("anna") is None
    index.erase("anna", ["r0"])


def test_the_nearest_come_first_with_their_cosine(index):
    made = vectors(40)
    index.put("anna", entries(made))
    query = (made[3] + 0.4 * made[9]) / np.linalg.norm(made[3] + 0.4 * made[9])
    hits = index.search("anna", query, 10)
    exact = made @ query
    assert [hit.id for hit in hits] == [f"r{i}" for i in np.argsort(-exact)[:10]]
    assert [hit.similarity for hit in hits] == pytest.approx(sorted(exact)[::-1][:10], abs=1e-4)


def test_a_limit_above_the_count_gives_all(index):
    index.put("anna", entries(vectors(3)))
    assert len(index.search("anna", vectors(1)[0], 50)) == 3
    assert index.search("anna", vectors(1)[0], 0) == ()


def test_every_exact_match_among_many_is_found(index):
    made = vectors(1500)
    index.put("anna", entries(made))
    for place in range(0, 1500, 50):
        assert index.search("anna", made[place], 1)[0].id == f"r{place}"
    assert len(index.search("anna", made[0], 1000)) == 1000


def test_putting_again_replaces(index):
    made = vectors(2)
    index.put("anna", entries(made[:1]))
    index.put("anna", entries(made[1:]))
    assert index.ids("anna") == {"r0"}
    assert index.search("anna", made[1], 1)[0].similarity == pytest.approx(1, abs=1e-4)


def test_people_stay_apart(index):
    index.put("anna", entries(vectors(3)))
    index.put("ben", entries(vectors(2), "b"))
    index.erase("anna", ["r0", "b0", "never there"])
    assert index.ids("anna") == {"r1", "r2"}
    assert index.ids("ben") == {"b0", "b1"}


def test_the_survivors_of_an_erasure_are_found_as_before(index):
    made = vectors(30)
    index.put("anna", entries(made))
    index.erase("anna", [f"r{i}" for i in range(0, 30, 2)])
    hits = index.search("anna", made[5], 30)
    assert hits[0].id == "r5"
    assert {hit.id for hit in hits} == {f"r{i}" for i in range(1, 30, 2)}


def test_an_emptied_person_may_come_back_with_other_dimensions(index):
    index.put("anna", entries(vectors(2)))
    index.erase("anna", ["r0", "r1"])
    assert index.ids("anna") == frozenset()
    index.put("anna", entries(vectors(2)[:, :8]))
    assert len(index.search("anna", vectors(1)[0, :8], 5)) == 2


def test_a_mark_stands_until_the_entries_change(index):
    index.put("anna", entries(vectors(3)))
    index.put("ben", entries(vectors(3)))
    index.mark("anna", "encoder 1")
    index.mark("ben", "encoder 2")
    assert (index.marked("anna"), index.marked("ben")) == ("encoder 1", "encoder 2")
    index.put("anna", entries(vectors(1), "new"))
    assert (index.marked("anna"), index.marked("ben")) == (None, "encoder 2")
    index.mark("anna", "encoder 3")
    index.erase("anna", ["r0"])
    assert (index.marked("anna"), index.marked("ben")) == (None, "encoder 2")


def test_putting_nothing_is_nothing(index):
    index.put("anna", [])
    assert index.ids("anna") == frozenset()


def test_any_name_is_a_person(index):
    for person in ("", "a b/../c", "Ünïcode 💔", "x" * 900):
        index.put(person, entries(vectors(1)))
        assert index.ids(person) == {"r0"}
