"""The recall suite: which reflections come back, from ten kept ones to five thousand.

The situation is the case's own, so that only recall is judged, and memory is the shipped one: the
journal and the index in memory, search by meaning and by words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from companion.core import Companion
from companion.domain import POLICY, RECALLED_FIRST, Situation
from companion.memory.in_memory import InMemoryIndex, InMemoryJournal
from companion.memory.recollection import Recollection
from companion.ports import Embedder, Memory, Vectors
from companion.steps.recall import MOST, ranked
from evals.metrics import Measure, Measures, mean, recall_at, reciprocal_rank, share
from evals.playing import kept
from evals.recall.volume import lines
from evals.results import Case, Row, Suite
from evals.rows import read_rows

DATA = Path(__file__).parent / "data" / "people.jsonl"
SIZES = (10, 100, 1_000, 5_000)
"""Reflections kept; the smallest is the person's own ten or so and nothing else."""


class Remembering:
    """An Embedder that encodes each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Any] = {}
        self.name = embedder.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for start in range(0, len(new), 256):
            part = new[start : start + 256]
            self._known.update(zip(part, self._embedder.embed(part)))
        return np.stack([self._known[text] for text in texts])


def recall(companion: Companion) -> Suite:
    """Give the suite around the shipped memory and the companion's encoder."""
    from companion.build import shared_embedder

    people = {row["id"]: row for row in read_rows(DATA)}
    embedder = Remembering(shared_embedder())

    @cache
    def memory(person: str, size: int) -> Memory:
        journal = InMemoryJournal()
        own = kept(people[person]["reflections"])
        for reflection in (*lines(max(0, size - len(own)) if size > SIZES[0] else 0), *own):
            journal.keep(person, reflection)
        return Recollection(journal, InMemoryIndex(), embedder)

    def answer(row: Row) -> dict[str, Any]:
        situation = Situation(row["situation"])
        mode = POLICY[situation].mode
        found = {}
        for size in SIZES:
            candidates = memory(row["person"], size).candidates(row["person"], row["message"])
            order = ranked(row["message"], situation, mode, candidates)
            near = {one.reflection.id: round(one.similarity, 3) for one in candidates[:5]}
            found[str(size)] = {"ranked": [one.id for one in order], "nearest": near}
        return found

    rows = [
        {**message, "person": person["id"], "reflections": person["reflections"]}
        for person in people.values()
        for message in person["messages"]
    ]
    return Suite(
        "recall",
        "Do the reflections that bear on a message come back, and no other?",
        rows,
        answer,
        score,
        measures,
    )


def score(row: Row, found: dict[str, Any]) -> Case:
    """Right when, with the most kept, what is shown is wanted, or nothing is when nothing fits."""
    kinds = {one["id"]: one["kind"] for one in row["reflections"]}
    own = RECALLED_FIRST[POLICY[Situation(row["situation"])].mode].value
    facts = {
        "should": row["should"],
        "fits": [*row["should"], *row["may"]],
        "must_not": row["must_not"],
        "ranked": {size: one["ranked"] for size, one in found.items()},
        "own_kind": [one for one in row["should"] if kinds[one] == own],
    }
    shown = facts["ranked"][str(SIZES[-1])][:MOST]
    texts = {one["id"]: f"{one['kind']}: {one['text']}" for one in row["reflections"]}
    return Case(
        row["id"],
        _right(facts, shown),
        row["message"],
        ", ".join(row["should"]) or "nothing",
        ", ".join(shown) or "nothing",
        facts,
        {"why": row["why"], "situation": row["situation"], "kept": texts, "found": found},
    )


def _right(facts: Row, shown: Sequence[str]) -> bool:
    return set(shown) <= set(facts["fits"]) and bool(shown) >= bool(facts["should"])


def measures(cases: Sequence[Case]) -> Measures:
    facts = [case.facts for case in cases]
    found: dict[str, Measure] = {}
    for size in SIZES:
        found |= {f"{name}_{size}": one for name, one in _at(facts, str(size)).items()}
    return found


def _at(facts: Sequence[Row], size: str) -> Measures:
    """Give the measures with so many kept."""
    fitting = [f for f in facts if f["should"]]
    nothing = [f for f in facts if not f["fits"]]
    preferred = [f for f in fitting if f["own_kind"] and f["ranked"][size]]
    return {
        "recall_at_3": mean(recall_at(f["should"], f["ranked"][size], 3) for f in fitting),
        "mrr": mean(reciprocal_rank(f["fits"], f["ranked"][size]) for f in fitting),
        "no_wrong_memory": share(
            not set(f["ranked"][size][:MOST]) & set(f["must_not"]) for f in facts if f["must_not"]
        ),
        "only_what_fits": share(set(f["ranked"][size][:MOST]) <= set(f["fits"]) for f in facts),
        "nothing_when_nothing_fits": share(not f["ranked"][size] for f in nothing),
        "own_kind_first": share(f["ranked"][size][0] in f["own_kind"] for f in preferred),
    }
