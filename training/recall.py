"""What floors of similarity would give, on the development set: `python -m training.recall`.

The rows of `training/data/recall.jsonl` were written for choosing them, under briefs that the
evaluation's cases (`evals/recall`) do not have.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from companion.build import shared_embedder
from companion.domain import POLICY, Situation
from companion.memory.in_memory import InMemoryIndex, InMemoryJournal
from companion.memory.recollection import Recollection
from companion.ports import Candidate
from companion.steps import recall
from evals.metrics import Measure, mean, recall_at, share
from evals.playing import kept
from evals.results import Row
from evals.said import number, table

DATA = Path(__file__).parent / "data" / "recall.jsonl"
OWN = (0.34, 0.30, 0.26)
OTHERS = (0.34, 0.40, 0.46)
Found = Sequence[tuple[Row, Sequence[Candidate]]]


def candidates() -> Found:
    """Give every message with what memory offers for it."""
    found: list[tuple[Row, Sequence[Candidate]]] = []
    for line in DATA.read_text("utf-8").splitlines():
        person = json.loads(line)
        journal = InMemoryJournal()
        for reflection in kept(person["reflections"]):
            journal.keep(person["id"], reflection)
        memory = Recollection(journal, InMemoryIndex(), shared_embedder())
        for message in person["messages"]:
            found.append((message, memory.candidates(person["id"], message["message"])))
    return found


def measured(found: Found) -> dict[str, Measure]:
    """Give how recall does with the floors as they stand."""
    shown = []
    for row, offered in found:
        situation = Situation(row["situation"])
        order = recall.ranked(row["message"], situation, POLICY[situation].mode, offered)
        shown.append((row, [one.id for one in order]))
    wanted = [(row, ids) for row, ids in shown if row["should"]]
    fits = [{*row["should"], *row["may"]} for row, _ in shown]
    first = [set(ids[: recall.MOST]) for _, ids in shown]
    return {
        "recall at 3": mean(recall_at(row["should"], ids, 3) for row, ids in wanted),
        "only what fits": share(one <= fit for one, fit in zip(first, fits)),
        "nothing when nothing fits": share(
            not ids for (_, ids), fit in zip(shown, fits) if not fit
        ),
        "no wrong memory": share(
            not one & set(row["must_not"]) for (row, _), one in zip(shown, first) if row["must_not"]
        ),
    }


def main() -> None:
    found, chosen = candidates(), (recall.FLOOR, recall.FLOOR_OF_OTHERS)
    rows: list[tuple[str, ...]] = []
    heads: tuple[str, ...] = ()
    for own, others in product(OWN, OTHERS):
        recall.FLOOR, recall.FLOOR_OF_OTHERS = own, others
        measures = measured(found)
        heads = ("own kind", "others", *measures, "")
        mark = "chosen" if (own, others) == chosen else ""
        values = [number(one.value) for one in measures.values()]
        rows.append((f"{own:.2f}", f"{others:.2f}", *values, mark))
    print(table(heads, rows))


if __name__ == "__main__":
    main()
